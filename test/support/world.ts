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
  /** What a user types at a terminal: for each question, by a part of it, the keys. */
  readonly typed?: readonly (readonly [question: string, keys: string])[];
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
  typed,
}: Invocation): Promise<ProgramResult> => {
  const stdin = Object.assign(new PassThrough(), { isTTY: typed !== undefined });
  const stdout = typed ? aTerminal(stdin, typed) : collect();
  if (!typed) stdin.end();
  const stderr = collect();
  const world: World = {
    argv,
    calledAs,
    program,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    cwd,
    stdin,
    stdout,
    stderr,
    now,
    stop: stop ?? new AbortController().signal,
  };
  const exit = await run(world);
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};

/** A screen; once it shows a question, the keys that answer it are typed. */
const aTerminal = (stdin: PassThrough, typed: readonly (readonly [string, string])[]) => {
  let text = '';
  let seen = 0;
  const left = [...typed];
  const screen = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      const [question, keys] = left[0] ?? [];
      const at = question === undefined ? -1 : text.indexOf(question, seen);
      if (question !== undefined && at !== -1) {
        seen = at + question.length;
        left.shift();
        // The prompt listens once it has been shown.
        setImmediate(() => stdin.write(keys));
      }
      done();
    },
  });
  // As with the process's own stream, a pipe does not end it.
  return Object.assign(screen, { text: () => text, isTTY: true, columns: 200, end: () => screen });
};
