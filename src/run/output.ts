import type { Emit } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { variables } from '../environment/variables.ts';
import { withHeartbeat } from '../report/heartbeat.ts';
import { createJsonLogger } from '../report/json.ts';
import { createLiveLine } from '../report/live-line.ts';
import { createTextLogger } from '../report/text.ts';
import { createMaskingWriter } from '../report/writer.ts';
import { createMask, Secret } from '../secret.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';

/** How a run speaks: its story on standard error, its result on standard output, neither with a secret. Dispose it at the end. */
export interface RunOutput extends Disposable {
  readonly emit: Emit;
  /** Writes on standard output. */
  readonly print: (text: string) => void;
  /** Masks the secrets of a text. */
  readonly mask: (text: string) => string;
  /** From here on what the configuration names as secret is masked, too. */
  readonly maskContext: (context: Context) => void;
}

interface OutputOptions {
  readonly world: World;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
}

/** Makes the voice of a run, before what was given is understood: a refusal may repeat a secret, too. */
export function createOutput(options: OutputOptions): RunOutput {
  const { world, jobInput } = options;
  const inputSecrets = listInputSecrets(jobInput);
  let currentMask = createMask(inputSecrets);
  const mask = (text: string): string => currentMask(text);
  const liveLine = isInteractive(options)
    ? createLiveLine({ output: world.stderr, mask, now: world.now })
    : undefined;
  const log = createMaskingWriter(liveLine?.output ?? world.stderr, mask);
  const stdout = createMaskingWriter(world.stdout, mask);
  let lastWrittenAt = world.now();
  const logger = createLogger(options, (text) => {
    lastWrittenAt = world.now();
    log.write(text);
  });
  const heartbeat = withHeartbeat(liveLine?.watch(logger) ?? logger, {
    now: world.now,
    lastWrittenAt: () => lastWrittenAt,
  });
  return {
    emit: heartbeat.emit,
    print: stdout.write,
    mask,
    maskContext: (context) => {
      currentMask = createMask([...listContextSecrets(context), ...inputSecrets]);
    },
    [Symbol.dispose]: () => {
      heartbeat[Symbol.dispose]();
      liveLine?.[Symbol.dispose]();
      stdout.end();
      log.end();
    },
  };
}

/** The variables that are declared secret, as text and as the content of a file. */
function listInputSecrets({ variables: values, contents }: JobInput): Secret[] {
  return variables.flatMap((variable) => {
    if (!('secret' in variable)) return [];
    const texts = [values[variable.name], contents[variable.name]];
    return texts.flatMap((text) => (text === undefined ? [] : [new Secret(variable.name, text)]));
  });
}

/** A person looks on: the story is told on a terminal that can be drawn on. */
function isInteractive({ world, flags }: OutputOptions): boolean {
  return world.stderr.isTTY === true && world.env.TERM !== 'dumb' && flags.logFormat === 'text';
}

function createLogger({ world, flags, jobInput }: OutputOptions, write: (text: string) => void): Emit {
  if (flags.logFormat === 'json') return createJsonLogger(write);
  const inGitLab = jobInput.variables.GITLAB_CI !== undefined;
  const colours = (inGitLab || world.stderr.isTTY === true) && jobInput.variables.NO_COLOR === undefined;
  return createTextLogger({ write, sections: inGitLab, colours });
}

function listContextSecrets({ vault, access }: Context): Secret[] {
  return [...vault.values(), ...(access ? [access.privateKey.pem] : [])];
}
