import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Channel, Host } from '../../src/ssh/host.ts';

/** A program that replaces the host's: its command, and the folder that it runs in. */
interface Program {
  readonly words: readonly string[];
  readonly cwd: string;
}

const openProgramChannel = ({ words: [program = '', ...words], cwd }: Program): Channel => {
  const child = spawn(program, words, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('close', (exit) => resolve(exit ?? undefined));
  });
  const stderr = createInterface({ input: child.stderr });
  return { input: child.stdin, output: child.stdout, stderr, exitCode: ended };
};

/** A host whose channels are child processes on this machine, for any command line. `lines` are the requested ones. */
export const programHost = (program: Program): Host & { readonly lines: string[] } =>
  openingHost(() => program);

/** A host whose channels are child processes that this function chooses by the command line. */
export const openingHost = (choose: (line: string) => Program): Host & { readonly lines: string[] } => {
  const lines: string[] = [];
  return {
    lines,
    ask: () => Promise.reject(new Error('this host only opens channels')),
    open: async (line) => {
      lines.push(line);
      return openProgramChannel(choose(line));
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
    usage: () => ({ connections: 1, commands: lines.length }),
  };
};

/** The host's end of a push: a real git-receive-pack in a bare repository. */
export const receivingHost = (bare: string, wrap?: (command: string) => string) =>
  programHost({
    words: wrap ? ['sh', '-c', wrap('git-receive-pack .')] : ['git-receive-pack', '.'],
    cwd: bare,
  });

/** The host's end of pushes and fetches: real programs of git in a bare repository. */
export const repositoryHost = (bare: string) =>
  openingHost((line) => ({ words: [line.split(' ')[0] ?? '', '.'], cwd: bare }));
