import { PassThrough, Writable } from 'node:stream';
import { run } from '../../src/cli/run.ts';
import type { World } from '../../src/world.ts';

/** The result of a run of the whole program. */
export interface ProgramResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream that collects what is written to it. */
export const collect = (): Writable & { text: () => string } => {
  let text = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => text });
};

export interface Invocation {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stop?: AbortSignal;
  readonly now?: () => number;
  readonly calledAs?: string;
  /** The words that start this program, for what it starts itself. */
  readonly program?: readonly string[];
}

/** Runs the whole program in this process with its own world. */
export const runProgram = async ({
  argv,
  cwd,
  env = {},
  stop,
  now = Date.now,
  calledAs,
  program = [],
}: Invocation): Promise<ProgramResult> => {
  const stdout = collect();
  const stderr = collect();
  const world: World = {
    argv,
    calledAs,
    program,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    cwd,
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    now,
    stop: stop ?? new AbortController().signal,
  };
  const exit = await run(world);
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};
