import { kill } from 'node:process';
import { execa } from 'execa';

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
  const child = execa('sh', ['-c', command], {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    detached: true,
    all: true,
    stdin: 'ignore',
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
    return result.exitCode ?? 143;
  });
  return { exitCode: ended, stop };
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
