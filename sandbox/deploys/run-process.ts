import { kill } from 'node:process';
import { execa } from 'execa';
import { guardProgram, releaseProgram } from '../process-guard.ts';

/** A shell command of an app, its folder and its whole environment. */
export interface ShellCall {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A program in its own process group. `exitCode` resolves with its exit code, 143 if a signal ended it. */
export interface ShellProcess {
  readonly exitCode: Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Starts a shell command and reports its output line by line. */
export function startShell({ command, cwd, env, onLine, signal }: ShellCall): ShellProcess {
  const { child, stop } = startGroup('sh', ['-c', command], { cwd, env, all: true });
  const reading = (async () => {
    for await (const line of child.iterable({ from: 'all' })) onLine(String(line));
  })().catch(() => undefined);
  const abort = () => void stop();
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const ended = child.then(async (result) => {
    signal?.removeEventListener('abort', abort);
    // A daemon that the command started may keep its output open.
    await Promise.race([reading, new Promise((resolve) => setTimeout(resolve, 200))]);
    if (!isGroupAlive(child.pid)) releaseProgram(child.pid);
    return result.exitCode ?? 143;
  });
  return { exitCode: ended, stop };
}

/** A program of an app, with the words after its name. */
export interface ProgramCall extends Pick<ShellCall, 'cwd' | 'env'> {
  readonly words: readonly [program: string, ...words: string[]];
  readonly onOut: (chunk: Uint8Array) => void;
  readonly onErr: (chunk: Uint8Array) => void;
}

/** Starts a program without a shell and reports the bytes that it writes. */
export function startProgram({
  words: [program, ...words],
  cwd,
  env,
  onOut,
  onErr,
}: ProgramCall): ShellProcess {
  const { child, stop } = startGroup(program, words, { cwd, env, all: false });
  child.stdout.on('data', onOut);
  child.stderr.on('data', onErr);
  const ended = child.then(({ exitCode, signal }) => {
    releaseProgram(child.pid);
    // 128 plus the signal's number, as a shell reports it.
    return exitCode ?? (signal === 'SIGKILL' ? 137 : 143);
  });
  return { exitCode: ended, stop };
}

interface GroupOptions extends Pick<ShellCall, 'cwd' | 'env'> {
  /** Whether its standard output and error are read as one. */
  readonly all: boolean;
}

/** Starts a program as the leader of a process group that does not outlive this process. */
function startGroup(file: string, words: readonly string[], { cwd, env, all }: GroupOptions) {
  const guarded = guardProgram(file, words);
  const child = execa(guarded.file, guarded.args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    detached: true,
    all,
    stdio: ['ignore', 'pipe', 'pipe', guarded.pipe],
    buffer: false,
  });
  const stop = async (): Promise<void> => {
    signalGroup(child.pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3_000);
    await child;
    clearTimeout(timer);
    signalGroup(child.pid, 'SIGKILL');
  };
  return { child, stop };
}

/** Returns whether a process of the group is left, for example a daemon. */
function isGroupAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && kill(-pid, 0);
  } catch {
    return false;
  }
}

// The whole group: otherwise the shell's children would outlive it.
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
