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
  const guarded = guardProgram('sh', ['-c', command]);
  const child = execa(guarded.file, guarded.args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    detached: true,
    all: true,
    stdio: ['ignore', 'pipe', 'pipe', guarded.pipe],
    buffer: false,
  });
  const reading = (async () => {
    for await (const line of child.iterable({ from: 'all' })) onLine(String(line));
  })().catch(() => undefined);
  const stop = async (): Promise<void> => {
    signalGroup(child.pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3_000);
    await child;
    clearTimeout(timer);
    signalGroup(child.pid, 'SIGKILL');
  };
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
