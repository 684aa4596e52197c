import type { HostAccess } from '../../src/apply/ask.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { Vault } from '../../src/secret.ts';
import type { Host } from '../../src/ssh/host.ts';

/** A host that answers each line like this, and opens no channels. */
export const answeringHost = (answer: (line: string) => CommandResult | Promise<CommandResult>): Host => {
  let commands = 0;
  return {
    ask: async ({ line }) => {
      commands += 1;
      return await answer(line);
    },
    open: () => Promise.reject(new Error('nothing is shipped here')),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
    usage: () => ({ connections: 1, commands }),
  };
};

/** Access to a host that answers each line so. Time passes only by sleeping. */
export const hostAccessTo = (
  answer: (line: string) => CommandResult,
  vault: Vault = new Map(),
): HostAccess => {
  let now = 0;
  return {
    host: answeringHost(answer),
    vault,
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    sleepThroughStop: () => new Promise(() => {}),
    stop: new AbortController().signal,
  };
};
