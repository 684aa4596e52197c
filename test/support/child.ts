import { type ChildProcess, spawn } from 'node:child_process';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface StartedProgram {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly result: Promise<{
    readonly exit: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly output: string;
  }>;
}

/** Starts a program as a child process with exactly this environment, plus PATH and HOME. */
export const startProgram = (
  command: readonly string[],
  {
    cwd,
    env,
    ...user
  }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly uid?: number;
    readonly gid?: number;
  },
): StartedProgram => {
  const [program = '', ...words] = command;
  const child = spawn(program, words, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const ended = new Promise<Awaited<StartedProgram['result']>>((resolve) => {
    child.once('close', (exit, signal) => resolve({ exit, signal, output }));
  });
  return { child, output: () => output, result: ended };
};

/** The command that starts dokku-deploy from its source. */
export const sourceCommand = (...argv: string[]): string[] => [process.execPath, main, ...argv];
