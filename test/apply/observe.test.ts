import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { observeHost } from '../../src/apply/observe.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { DeployError } from '../../src/errors.ts';
import { aContext } from '../support/context.ts';

/** Looks at a host that answers so; `pauses` are those that were made. */
const lookAt = (answer: (line: string) => Promise<CommandResult>, stop = new AbortController().signal) => {
  const asked: string[] = [];
  const graces: number[] = [];
  const observed = observeHost(aContext(), {
    host: {
      ask: ({ line }) => {
        asked.push(line);
        return answer(line);
      },
      open: () => Promise.reject(new Error('nothing is shipped here')),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
      usage: () => ({ connections: 1, commands: asked.length }),
    },
    vault: new Map(),
    now: () => 0,
    sleep: () => sleep(20),
    sleepThroughStop: async (milliseconds) => void graces.push(milliseconds),
    stop,
  }).catch((error: unknown) => error);
  return { observed, asked, graces };
};

describe('a look at the host', () => {
  test('that is refused leaves no question behind that is asked again later', async () => {
    const lost: CommandResult = { kind: 'not-reached', reason: 'The connection was lost.', sent: true };
    const refusal = new DeployError('key-refused', { message: 'not let in' });
    const { observed, asked } = lookAt(async (line) => {
      if (line.startsWith('config:export')) throw refusal;
      return lost;
    });
    expect(await observed).toBe(refusal);
    const before = asked.length;
    await sleep(100);
    expect([before, asked.length]).toEqual([4, 4]);
  });

  test('ends a second after the word to stop, for nothing is half done', async () => {
    const stop = new AbortController();
    const { observed, graces } = lookAt(() => new Promise(() => {}), stop.signal);
    stop.abort('SIGTERM');
    expect([await observed, graces]).toMatchObject([{ code: 'terminated' }, [1_000]]);
  });

  test('is not begun when the run was told to stop before', async () => {
    const { observed, asked } = lookAt(() => new Promise(() => {}), AbortSignal.abort('SIGINT'));
    expect([await observed, asked]).toMatchObject([{ code: 'interrupted' }, []]);
  });
});
