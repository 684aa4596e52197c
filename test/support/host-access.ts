import type { HostAccess } from '../../src/apply/ask.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { Vault } from '../../src/secret.ts';

/** Access to a host that answers each line so. Time passes only by sleeping. */
export const hostAccessTo = (
  answer: (line: string) => CommandResult,
  vault: Vault = new Map(),
): HostAccess => {
  let now = 0;
  return {
    host: {
      ask: async ({ line }) => answer(line),
      open: () => Promise.reject(new Error('nothing is shipped here')),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
      usage: () => ({ connections: 1, commands: 0 }),
    },
    vault,
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    sleepThroughStop: () => new Promise(() => {}),
    stop: new AbortController().signal,
  };
};
