import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findProgram } from '../databases/process.ts';
import type { Call } from '../host/call.ts';
import type { SandboxHost } from '../host/state.ts';
import { type ShellProcess, startProgram } from './run-process.ts';

/** A command in the files of an app. */
export interface AppCommand {
  readonly words: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Whether Docker would find the program of a command. */
export async function hasProgram({ path }: SandboxHost, { words, folder }: AppCommand): Promise<boolean> {
  const [program = ''] = words;
  return program.includes('/')
    ? existsSync(resolve(folder, program))
    : (await findProgram(program, path.split(':'), [])) !== undefined;
}

/** Starts a command in the app's files as a container would: without a shell or stdin. */
export function startAppCommand(
  call: Pick<Call, 'out' | 'err'>,
  { words: [program = '', ...words], folder, env }: AppCommand,
): ShellProcess {
  return startProgram({
    words: [program, ...words],
    cwd: folder,
    env,
    onOut: (chunk) => call.out(chunk),
    onErr: (chunk) => call.err(Buffer.from(chunk).toString()),
  });
}

/** Quotes a program as Docker's messages do. */
export function quoteProgram(program: string): string {
  return JSON.stringify(program);
}
