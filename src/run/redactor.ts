import { envPrefix } from '../context/app-env.ts';
import type { Context } from '../context/context.ts';
import { expandVariables, lookUp } from '../context/expansion.ts';
import { isPublic } from '../context/values.ts';
import type { JobInput } from '../environment/job-input.ts';
import { variables } from '../environment/variables.ts';
import { keysKey } from '../plan/keys.ts';
import { createMask, type Mask } from '../report/mask.ts';
import { createOutputMask, type OutputMask } from '../report/output-mask.ts';
import type { Redact } from '../report/redact.ts';
import { sanitizeLine } from '../report/sanitize.ts';
import { findUrlPasswords, isPlainWord, isSecretName, isSetting, Secret } from '../secret.ts';

/** Redacts texts with the secrets that are known so far. */
export interface Redactor {
  /** Masks secrets and removes control characters other than colours, tabs and line breaks. */
  readonly redact: Redact;
  /** Masks the secrets of the context from now on, too, but nothing in the names of what the run is about. */
  readonly addContext: (context: Context) => void;
  /** Masks these secrets from now on, too. */
  readonly addSecrets: (secrets: Iterable<Secret>) => void;
  /** Masks the passwords in an app's configuration on the host from now on, too: a build may print them. */
  readonly addAppConfig: (config: ReadonlyMap<string, string>) => void;
  /** Returns a mask for the output of a program. */
  readonly maskOutput: () => OutputMask;
  /** Leaves these texts unmasked from now on, even if a part of one looks like a secret. */
  readonly keep: (texts: readonly string[]) => void;
}

/** Creates a redactor that masks the job's own secrets from the start: an error may quote one. */
export function createRedactor(jobInput: JobInput): Redactor {
  const declared = listDeclaredSecrets(jobInput);
  let others = listReferencedSecrets(jobInput);
  let kept: readonly string[] = [];
  // If a value has two names, the last one wins: a declared variable keeps its own.
  const buildMask = (): Mask => createMask([...others, ...declared], kept);
  let mask = buildMask();
  const add = (secrets: readonly Secret[], texts: readonly string[]): void => {
    others = [...others, ...secrets];
    kept = [...kept, ...texts];
    mask = buildMask();
  };
  return {
    redact: (text) => mask(sanitizeLine(text, { colours: true })),
    addContext: (context) => add(listContextSecrets(context), listNames(context)),
    addSecrets: (secrets) => {
      const known = new Set(others);
      const added = [...secrets].filter((secret) => !known.has(secret));
      if (added.length > 0) add(added, []);
    },
    addAppConfig: (config) => add(listConfigSecrets(config), []),
    maskOutput: () => createOutputMask([...others, ...declared], kept),
    keep: (texts) => add([], texts),
  };
}

/** Lists the variables that are declared secret, as text and as the content of a file. */
function listDeclaredSecrets({ variables: values, contents }: JobInput): Secret[] {
  return variables.flatMap((variable) => {
    if (!('secret' in variable)) return [];
    const texts = [values[variable.name], contents[variable.name]];
    return texts.flatMap((text) => (text === undefined ? [] : [new Secret(variable.name, text)]));
  });
}

/** Lists the variables that the configuration file refers to, or that set the app's configuration, and that may be secret. */
function listReferencedSecrets({ env, configuration }: JobInput): Secret[] {
  const prefixed = Object.keys(env).filter((name) => name.startsWith(envPrefix));
  const referenced = expandVariables(configuration?.text ?? '', env).used;
  return [...referenced, ...prefixed].flatMap((name) => {
    const value = lookUp(env, name) ?? '';
    return isPublic(name, value) || isSetting([name], value) ? [] : [new Secret(name, value)];
  });
}

/** Lists the secrets of a context: its vault and its private key. */
function listContextSecrets({ vault, access }: Context): Secret[] {
  return [...vault.values(), ...(access ? [access.privateKey.pem] : [])];
}

/** Lists the names of what a run is about. */
function listNames({ app, ref, environment, project }: Context): string[] {
  return [app, ref, project.path, ...(environment === undefined ? [] : [environment])];
}

/** Lists the values of an app's configuration that are secret by their name, and the passwords of its URLs. */
export function listConfigSecrets(config: ReadonlyMap<string, string>): Secret[] {
  return [...config].flatMap(([key, value]) => {
    const passwords = findUrlPasswords(value).filter((password) => !isPlainWord(password));
    // The list of keys has a name like a secret's, and a list with one key would mask that key.
    const isSecret = isSecretName(key) && key !== keysKey;
    return [...(isSecret ? [value] : []), ...passwords].map((text) => new Secret(`config.${key}`, text));
  });
}
