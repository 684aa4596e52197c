import type { Context } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { variables } from '../environment/variables.ts';
import { createMaskingWriter, type MaskingWriter } from '../report/writer.ts';
import { createMask, Secret } from '../secret.ts';
import type { World } from '../world.ts';

/** The program's two streams with secrets masked. Dispose it at the end: that writes a last line without a newline. */
export interface MaskedOutput extends Disposable {
  readonly stdout: Pick<MaskingWriter, 'write'>;
  readonly stderr: Pick<MaskingWriter, 'write'>;
  /** Returns the text with each secret replaced by its name. */
  readonly mask: (text: string) => string;
  /** Masks these secrets from now on, too. */
  readonly addSecrets: (secrets: Iterable<Secret>) => void;
}

/** Creates the masked streams of a command. They mask the declared secret variables from the start: an error may quote one. */
export function createMaskedOutput(
  { stdout, stderr }: Pick<World, 'stdout' | 'stderr'>,
  jobInput: JobInput,
): MaskedOutput {
  let secrets = listInputSecrets(jobInput);
  let currentMask = createMask(secrets);
  const maskText = (text: string): string => currentMask(text);
  const out = createMaskingWriter(stdout, maskText);
  const err = createMaskingWriter(stderr, maskText);
  return {
    stdout: out,
    stderr: err,
    mask: maskText,
    addSecrets: (more) => {
      // If a value has two names, the last one wins: a variable keeps its own name.
      secrets = [...more, ...secrets];
      currentMask = createMask(secrets);
    },
    [Symbol.dispose]: () => {
      out.end();
      err.end();
    },
  };
}

/** Lists the variables that are declared secret, as text and as the content of a file. */
function listInputSecrets({ variables: values, contents }: JobInput): Secret[] {
  return variables.flatMap((variable) => {
    if (!('secret' in variable)) return [];
    const texts = [values[variable.name], contents[variable.name]];
    return texts.flatMap((text) => (text === undefined ? [] : [new Secret(variable.name, text)]));
  });
}

/** Lists the secrets of a context: its vault and its private key. */
export function listContextSecrets({ vault, access }: Context): Secret[] {
  return [...vault.values(), ...(access ? [access.privateKey.pem] : [])];
}
