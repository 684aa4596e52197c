import type { Buffer } from 'node:buffer';
import { buildSshLine } from '../dokku/command.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { type OneOffScript, runOneOff } from '../dokku/run.ts';
import { type FrameReader, readFrames } from '../dokku/run-frames.ts';
import { DeployError } from '../errors.ts';
import type { Channel } from '../ssh/host.ts';
import type { HostAccess } from './ask.ts';
import { raceWithStop, stopError, stopGracePeriod } from './stop.ts';
import { type ContainerState, stopContainer } from './stop-container.ts';

/** Where the output of a script goes. */
export interface ScriptOutput {
  /** Takes the bytes of standard output as they come. */
  readonly stdout: (bytes: Buffer) => Promise<void> | undefined;
  /** Takes a line of standard error, without its newline. */
  readonly stderr: (line: string) => void;
}

/**
 * Runs a script in a one-off container and returns its exit code. The container is stopped if the run is stopped, if the script exceeds
 * its time, and if the connection is lost.
 *
 * Throws the stop error, `host-refused` if the script did not start, `run-failed` if the container ended without the script’s exit
 * code, `host-timeout`, and `host-not-reached`.
 */
export async function runInContainer(
  run: OneOffScript,
  hostAccess: HostAccess,
  output: ScriptOutput,
): Promise<number> {
  const { host, vault, stop } = hostAccess;
  const frames = readFrames(run.nonce);
  if (stop.aborted) throw stopError(stop);
  const line = buildSshLine(runOneOff(run), vault);
  const channel = await raceWithStop(host.open(line), hostAccess, stopGracePeriod.observing);
  const reading = readChannel(channel, frames, output);
  const result = await raceWithEnd(reading, run, stop);
  if (result.kind === 'ended') return judgeEnd(run, frames, result);
  reading.catch(() => undefined);
  const container = await stopContainer(run, hostAccess, {
    name: () => findName(run.app, frames),
    time: result.kind === 'stopped' ? stopGracePeriod.applying : lostTime,
  });
  throw unfinishedError(run, result, { container, stop });
}

/** Dokku names the container by the number in DYNO, which the configuration of an app can replace. */
function findName(app: string, frames: FrameReader): string | undefined {
  const process = frames.process() ?? '';
  return /^run\.\d+$/.test(process) ? `${app}.${process}` : undefined;
}

/** Milliseconds to find a container whose connection was lost: Dokku needs some seconds to start one. */
const lostTime = 10_000;

interface ChannelEnd {
  readonly exit: number | undefined;
  /** Standard error before the script has started: why it has not, if it never does. */
  readonly early: readonly string[];
}

async function readChannel(channel: Channel, frames: FrameReader, output: ScriptOutput): Promise<ChannelEnd> {
  channel.input.end();
  const early: string[] = [];
  const passOn = (): void => {
    if (frames.process() === undefined && early.length < maxEarlyLines) return;
    for (const line of early.splice(0)) output.stderr(line);
  };
  const readOutput = async (): Promise<void> => {
    for await (const chunk of channel.output) {
      const bytes = frames.push(chunk);
      passOn();
      await output.stdout(bytes);
    }
    await output.stdout(frames.end());
  };
  const readErrors = async (): Promise<void> => {
    for await (const line of channel.stderr) {
      early.push(line);
      passOn();
    }
  };
  await Promise.all([readOutput(), readErrors()]);
  return { exit: await channel.exitCode, early };
}

const maxEarlyLines = 200;

type RunEnd =
  | (ChannelEnd & { readonly kind: 'ended'; readonly exit: number })
  | { readonly kind: 'stopped' | 'late' }
  | { readonly kind: 'lost'; readonly error?: unknown };

/** Waits for the end of the script, the stop signal, or the end of the script’s time. */
async function raceWithEnd(
  reading: Promise<ChannelEnd>,
  { ttl }: OneOffScript,
  stop: AbortSignal,
): Promise<RunEnd> {
  const { promise, resolve } = Promise.withResolvers<RunEnd>();
  const onStop = (): void => resolve({ kind: 'stopped' });
  stop.addEventListener('abort', onStop, { once: true });
  // The signal may have come while the channel was opened.
  if (stop.aborted) onStop();
  const timer = setTimeout(() => resolve({ kind: 'late' }), ttl * 1_000);
  reading.then(
    ({ exit, early }) => resolve(exit === undefined ? { kind: 'lost' } : { kind: 'ended', exit, early }),
    (error: unknown) => resolve({ kind: 'lost', error }),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', onStop);
  }
}

/** Returns the exit code of a script that has ended. A success is one only if both its wrapper and Dokku report it. */
function judgeEnd(
  { app }: OneOffScript,
  frames: FrameReader,
  { exit, early }: ChannelEnd & { readonly exit: number },
): number {
  const code = frames.exitCode();
  if (code !== undefined && (code !== 0 || exit === 0)) return code;
  if (code !== undefined) {
    throw new DeployError('run-failed', {
      message: `The command in ${app} succeeded, but Dokku reported exit ${exit} for its container.`,
      remedy: 'Look at the log of the host, and run the job again.',
    });
  }
  if (frames.process() !== undefined) {
    throw new DeployError('run-failed', {
      message: `The container of the command in ${app} ended without an exit code of the command: it was killed.`,
      remedy:
        'Someone has stopped it (dokku run:stop, a restart of the host), or it used more memory than it may. Check both, then run the job again.',
    });
  }
  throw notStartedError(app, exit, early);
}

function notStartedError(app: string, exit: number, early: readonly string[]): DeployError {
  const said = cleanHostOutput(early.join('\n'));
  if (said.some((line) => /App image .* not found|Successfully deploy your app/.test(line))) {
    return new DeployError('host-refused', {
      message: `${app} has never been deployed, so no command can run in it.`,
      said,
      remedy: 'Deploy to it first: dokku-deploy review start.',
    });
  }
  const isRefused = said.some((line) => line.startsWith('dokku-deploy gate: refused'));
  return new DeployError('host-refused', {
    message: `The host did not start the command in ${app} (exit ${exit}).`,
    said,
    remedy: isRefused
      ? 'Ask the operator of the gate for it.'
      : 'The app’s image needs /bin/sh, base64 and a writable /tmp, and an ENTRYPOINT must run the arguments that it gets.',
  });
}

function unfinishedError(
  { app, ttl }: OneOffScript,
  end: Exclude<RunEnd, { kind: 'ended' }>,
  { container: state, stop }: { readonly container: ContainerState; readonly stop: AbortSignal },
): unknown {
  const container = {
    stopped: 'Its container was stopped.',
    absent: 'Its container is gone.',
    unknown: `Its container may still run; Dokku stops it about ${formatTime(ttl)} after its start.`,
  }[state];
  if (end.kind === 'stopped') {
    return new DeployError(stop.reason === 'SIGINT' ? 'interrupted' : 'terminated', {
      message: `The command in ${app} was stopped, because the job was cancelled or timed out. ${container}`,
    });
  }
  if (end.kind === 'late') {
    return new DeployError('host-timeout', {
      message: `The command in ${app} did not end within ${formatTime(ttl)}. ${container}`,
      remedy: 'Allow more time with --timeout.',
    });
  }
  const error = end.kind === 'lost' ? end.error : undefined;
  if (error !== undefined && !(error instanceof DeployError)) return error;
  return new DeployError(error?.code ?? 'host-not-reached', {
    message: `${error?.message ?? `The connection was lost while the command ran in ${app}.`} ${container}`,
    remedy: 'The command may have done a part of its work. Run the job again if it can be run twice.',
    cause: error,
  });
}

function formatTime(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
