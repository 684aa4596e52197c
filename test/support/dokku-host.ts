import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTable } from '../../sandbox/commands/table.ts';
import { dispatch } from '../../sandbox/dispatch.ts';
import type { Reach } from '../../sandbox/host/stages.ts';
import { createMachine, type Machine } from '../../sandbox/machine.ts';

export interface CommandOutput {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export interface DokkuHost extends AsyncDisposable {
  readonly machine: Machine;
  /** Runs a command line with this input, by default none. `reach` is called at each of its stages. */
  readonly run: (line: string, input?: string | Uint8Array, reach?: Reach) => Promise<CommandOutput>;
  /** Runs a command line and returns the bytes of its standard output. */
  readonly bytes: (line: string) => Promise<Buffer>;
}

/**
 * The commands of a sandbox without its SSH server: a machine in a folder of its own, with these service plugins, and without the
 * commands that match.
 */
export const aDokkuHost = async (services: readonly string[], without?: RegExp): Promise<DokkuHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'dokku-host-'));
  const machine = createMachine({
    folder,
    domain: 'lab.dokku.test',
    webPort: () => 80,
    now: () => 0,
    path: '/usr/bin:/bin',
    startTimeout: 5_000,
    second: 100,
    buildEnv: {},
    deployPace: 0,
  });
  const table = new Map([...commandTable(services)].filter(([name]) => !without?.test(name)));
  const run = async (line: string, input: string | Uint8Array, reach: Reach = () => {}) => {
    const out: Buffer[] = [];
    let err = '';
    const streams = {
      read: async () => Buffer.from(input).toString(),
      readBytes: async () => Buffer.from(input),
      isClosed: () => false,
      out: (text: string | Uint8Array) => void out.push(Buffer.from(text)),
      err: (text: string) => {
        err += text;
      },
    };
    const exit = await dispatch(line, { host: machine, table, streams, reach });
    return { exit, out: Buffer.concat(out), err };
  };
  return {
    machine,
    run: async (line, input = '', reach = undefined) => {
      const answer = await run(line, input, reach);
      return { ...answer, out: answer.out.toString() };
    },
    bytes: async (line) => (await run(line, '')).out,
    [Symbol.asyncDispose]: async () => {
      await machine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
