import type { Emit } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { startHeartbeat } from '../report/heartbeat.ts';
import { createJsonLogger } from '../report/json.ts';
import { startLiveLine } from '../report/live-line.ts';
import type { ProgressTracker } from '../report/progress-tracker.ts';
import { createTextLogger } from '../report/text.ts';
import type { World } from '../world.ts';
import { createMaskedOutput, listContextSecrets } from './masked-output.ts';
import type { RunFlags } from './run-flags.ts';

/** The output of a run: its log on standard error and its result on standard output, both masked. Dispose it at the end. */
export interface RunOutput extends Disposable {
  /** Logs an event that the run's tracker has recorded. */
  readonly emit: Emit;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Returns the text with each secret replaced by its name. */
  readonly mask: (text: string) => string;
  /** Masks the secrets of the context from now on, too. */
  readonly maskContext: (context: Context) => void;
}

interface OutputOptions {
  readonly world: World;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
  readonly progress: ProgressTracker;
}

/** Creates the output of a run. */
export function createOutput(options: OutputOptions): RunOutput {
  const { world, jobInput, progress } = options;
  const { now } = world;
  const masked = createMaskedOutput(world, jobInput);
  const liveLine = isInteractive(options)
    ? startLiveLine({ progress, output: world.stderr, mask: masked.mask, now })
    : undefined;
  let lastWrittenAt = now();
  const emit = createLogger(options, (text) => {
    lastWrittenAt = now();
    liveLine?.clear();
    masked.stderr.write(text);
  });
  const heartbeat = startHeartbeat({ progress, emit, now, lastWrittenAt: () => lastWrittenAt });
  return {
    emit,
    print: masked.stdout.write,
    mask: masked.mask,
    maskContext: (context) => masked.addSecrets(listContextSecrets(context)),
    [Symbol.dispose]: () => {
      heartbeat[Symbol.dispose]();
      liveLine?.[Symbol.dispose]();
      masked[Symbol.dispose]();
    },
  };
}

/** Whether to show a live line: it needs a terminal that supports it, and a text log. */
function isInteractive({ world, flags }: OutputOptions): boolean {
  return world.stderr.isTTY === true && world.env.TERM !== 'dumb' && flags.logFormat === 'text';
}

function createLogger(
  { world, flags, jobInput, progress }: OutputOptions,
  write: (text: string) => void,
): Emit {
  if (flags.logFormat === 'json') return createJsonLogger(write);
  const inGitLab = jobInput.variables.GITLAB_CI !== undefined;
  const colours = (inGitLab || world.stderr.isTTY === true) && jobInput.variables.NO_COLOR === undefined;
  return createTextLogger({ progress, write, sections: inGitLab, colours });
}
