import type { Emit } from '../apply/events.ts';
import type { JobInput } from '../environment/job-input.ts';
import { startHeartbeat } from '../report/heartbeat.ts';
import { createJsonLogger } from '../report/json.ts';
import { startLiveLine } from '../report/live-line.ts';
import type { ProgressTracker } from '../report/progress-tracker.ts';
import { createTextLogger } from '../report/text.ts';
import type { OutputStream, World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';

/** The log of a run on standard error. Dispose it at the end. */
export interface RunLog extends Disposable {
  /** Logs an event that the run's tracker has recorded. */
  readonly emit: Emit;
  /** Returns a promise that resolves when more can be logged without filling the memory; undefined if it can at once. */
  readonly ready: () => Promise<void> | undefined;
}

interface RunLogOptions {
  readonly world: World;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
  readonly progress: ProgressTracker;
}

/** Creates the log of a run. Its events must be redacted. */
export function createRunLog(options: RunLogOptions): RunLog {
  const { world, progress } = options;
  const { now } = world;
  const liveLine = isInteractive(options)
    ? startLiveLine({ progress, output: world.stderr, now })
    : undefined;
  let lastWrittenAt = now();
  const emit = createLogger(options, (text) => {
    lastWrittenAt = now();
    liveLine?.clear();
    world.stderr.write(text);
  });
  const heartbeat = startHeartbeat({ progress, emit, now, lastWrittenAt: () => lastWrittenAt });
  return {
    emit,
    ready: () => waitUntilDrained(world.stderr),
    [Symbol.dispose]: () => {
      heartbeat[Symbol.dispose]();
      liveLine?.[Symbol.dispose]();
    },
  };
}

/** Milliseconds. The run no longer waits for a reader that has read nothing for this long. */
const maxDrainTime = 10_000;

/**
 * Waits until a stream has passed on what was written to it: with a reader that is slower than the host, the output would fill the
 * memory. A stream without a reader fails, and is not waited for.
 */
function waitUntilDrained(stream: OutputStream): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.errored) return undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, maxDrainTime).unref();
  const events = ['drain', 'error', 'close'];
  for (const event of events) stream.once(event, resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    for (const event of events) stream.off(event, resolve);
  });
}

/** Whether to show a live line: it needs a terminal that supports it, and a text log. */
function isInteractive({ world, flags }: RunLogOptions): boolean {
  return world.stderr.isTTY === true && world.env.TERM !== 'dumb' && flags.logFormat === 'text';
}

function createLogger(
  { world, flags, jobInput, progress }: RunLogOptions,
  write: (text: string) => void,
): Emit {
  if (flags.logFormat === 'json') return createJsonLogger(write);
  const inGitLab = jobInput.variables.GITLAB_CI !== undefined;
  const colours = (inGitLab || world.stderr.isTTY === true) && jobInput.variables.NO_COLOR === undefined;
  return createTextLogger({ progress, write, sections: inGitLab, colours });
}
