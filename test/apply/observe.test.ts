import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { observeHost } from '../../src/apply/observe.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { DeployError } from '../../src/errors.ts';
import { aContext } from '../support/context.ts';
import { answeringHost } from '../support/host-access.ts';

/** Observes a host that gives these answers; `graces` are the grace periods that were waited for. */
const lookAt = (answer: (line: string) => Promise<CommandResult>, stop = new AbortController().signal) => {
  const asked: string[] = [];
  const graces: number[] = [];
  const observed = observeHost(aContext(), {
    host: answeringHost((line) => {
      asked.push(line);
      return answer(line);
    }),
    vault: new Map(),
    now: () => 0,
    sleep: () => sleep(20),
    sleepThroughStop: async (milliseconds) => void graces.push(milliseconds),
    stop,
  }).catch((error: unknown) => error);
  return { observed, asked, graces };
};

describe('observing the host', () => {
  test('leaves no question running after a refused login', async () => {
    const lost: CommandResult = { kind: 'not-reached', reason: 'The connection was lost.', sent: true };
    const refusal = new DeployError('key-refused', { message: 'not let in' });
    const { observed, asked } = lookAt(async (line) => {
      if (line.startsWith('config:export')) throw refusal;
      return lost;
    });
    expect(await observed).toBe(refusal);
    const before = asked.length;
    await sleep(100);
    expect([before, asked.length]).toEqual([13, 13]);
  });

  test('ends one second after the stop signal, since reading leaves nothing half done', async () => {
    const stop = new AbortController();
    const { observed, graces } = lookAt(() => new Promise(() => {}), stop.signal);
    stop.abort('SIGTERM');
    expect([await observed, graces]).toMatchObject([{ code: 'terminated' }, [1_000]]);
  });

  test('does not begin in a run that was stopped before', async () => {
    const { observed, asked } = lookAt(() => new Promise(() => {}), AbortSignal.abort('SIGINT'));
    expect([await observed, asked]).toMatchObject([{ code: 'interrupted' }, []]);
  });
});
