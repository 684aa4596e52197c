import type { JobInput } from '../environment/job-input.ts';
import { isProjectFolder } from '../environment/source-folders.ts';
import { isSetting, Secret } from '../secret.ts';
import { checkConfigKey } from './config-keys.ts';
import { readDotenv } from './dotenv.ts';
import { type Resolver, resolveConfig, resolveText } from './resolver.ts';
import type { Configuration } from './schema.ts';
import { checkValue } from './values.ts';

/** Job variables whose names begin so are the app's configuration. */
export const envPrefix = 'DOKKU_ENV_';

/** What the file's block says about an app's configuration. */
type EnvBlock = Pick<Configuration, 'env' | 'env_files'>;

/** Where each key of an app's configuration is set, for problems. */
export type AppEnv = ReadonlyMap<string, string>;

/** An app's configuration, and what the log should mention about it. */
export interface AppEnvResult {
  readonly appEnv: AppEnv;
  readonly notes: readonly string[];
}

/** What a command that does not write the app's configuration has. */
export const noAppEnv: AppEnvResult = { appEnv: new Map(), notes: [] };

/**
 * Puts an app's configuration into the vault as `config.KEY`, and returns its keys with their places. It comes from the dotenv
 * files of `env_files`, from `env`, which overrides them, and from the job's `DOKKU_ENV_*` variables, which override both: as in
 * GitLab, what is set in the project's settings takes precedence over what a file says.
 */
export async function resolveAppEnv(
  { env = {}, env_files: files = [] }: EnvBlock,
  jobInput: JobInput,
  resolver: Resolver,
): Promise<AppEnvResult> {
  const prefixed = Object.keys(jobInput.env).filter((name) => name.startsWith(envPrefix));
  const overridden = new Set(prefixed.map((name) => name.slice(envPrefix.length)));
  const own = Object.fromEntries(Object.entries(env).filter(([key]) => !overridden.has(key)));
  const ofFiles = await resolveEnvFiles(typeof files === 'string' ? [files] : files, jobInput, resolver);
  const ofBlock = resolveConfig(own, resolver).map((key) => [key, `${resolver.path}: env.${key}`] as const);
  const ofVariables = prefixed.map((name) => resolvePrefixed(name, jobInput, resolver));
  return {
    appEnv: new Map([...ofFiles, ...ofBlock, ...ofVariables]),
    notes: Object.keys(env)
      .filter((key) => overridden.has(key))
      .map((key) => `${envPrefix}${key} overrides env.${key} of ${resolver.path}`),
  };
}

type Place = readonly [key: string, where: string];

async function resolveEnvFiles(
  entries: readonly string[],
  jobInput: JobInput,
  resolver: Resolver,
): Promise<Place[]> {
  const places: Place[] = [];
  for (const entry of entries) places.push(...(await resolveEnvFile(entry, jobInput, resolver)));
  return places;
}

/** A path in the project; or, for a variable, the path of a file-type variable or the content itself. */
async function resolveEnvFile(entry: string, jobInput: JobInput, resolver: Resolver): Promise<Place[]> {
  const { problems, vault, path: configPath } = resolver;
  const known = problems.length;
  const path = resolveText(entry, 'env_files', resolver);
  if (problems.length > known) return [];
  const isVariable = entry.startsWith('$');
  if (isVariable && path.trim() === '') {
    problems.push({
      where: `${configPath}: env_files`,
      message: `${entry} is empty`,
      remedy:
        'Give the variable a value, or remove it from env_files. GitLab passes a protected variable to protected branches only.',
    });
    return [];
  }
  const name = isVariable ? entry : path;
  const file =
    isVariable && /^[^/].*[=\n]/s.test(path)
      ? { path: name, text: path }
      : isVariable || isProjectFolder(path)
        ? await jobInput.readFile(path)
        : { path, reason: 'not a path in the project' };
  if ('reason' in file) {
    problems.push({
      where: `${configPath}: env_files`,
      message: `${name}: ${file.reason}`,
      remedy: 'Name a dotenv file of the repository, or a file-type variable as $NAME.',
    });
    return [];
  }
  const read = await readDotenv({ path: name, text: file.text });
  problems.push(...read.problems);
  for (const { key, value } of read.entries) vault.set(`config.${key}`, toSecret(key, value));
  return read.entries.map(({ key, where }) => [key, where]);
}

/** An ordinary setting is not masked: it would black out words such as `production`. */
function toSecret(key: string, value: string): Secret {
  const name = `config.${key}`;
  return new Secret(name, value, { isPublic: isSetting([key], value) });
}

function resolvePrefixed(name: string, { env }: JobInput, { vault, problems }: Resolver): Place {
  const key = name.slice(envPrefix.length);
  const value = env[name] ?? '';
  vault.set(`config.${key}`, toSecret(key, value));
  const wrong = checkConfigKey(key) ?? checkValue(value);
  if (wrong) problems.push({ where: name, ...wrong });
  return [key, name];
}
