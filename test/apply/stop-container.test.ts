import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stopContainer } from '../../src/apply/stop-container.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { hostAccessTo } from '../support/host-access.ts';

const run = { app: 'shop', nonce: 'feedfacefeedface' };
const listed = JSON.stringify([{ name: 'shop.run.7', command: `…-run-${run.nonce};…` }]);
const answered = (stdout: string): CommandResult => ({ kind: 'answered', stdout, stderr: '' });
const lost: CommandResult = { kind: 'not-reached', reason: 'The connection was lost.', sent: true };

/** Stops the container on a host that answers like this. Returns what became of it, and what was sent. */
const stop = async (
  answer: (line: string, number: number) => CommandResult,
  { name, time = 5_000 }: { name?: () => string; time?: number } = {},
) => {
  const sent: string[] = [];
  const hostAccess = {
    ...hostAccessTo((line) => answer(line, sent.push(line))),
    sleepThroughStop: (milliseconds: number) => sleep(milliseconds),
  };
  return { state: await stopContainer(run, hostAccess, { time, ...(name ? { name } : {}) }), sent };
};

describe('the container of a run', () => {
  test('is found by its nonce, and stopped', async () => {
    const { state, sent } = await stop((line) => answered(line.startsWith('run:list') ? listed : ''));
    expect([state, sent]).toEqual([
      'stopped',
      ['run:list shop --format json', 'run:stop --container shop.run.7'],
    ]);
  });

  test('is not looked for if its name is known', async () => {
    const { state, sent } = await stop(() => answered(''), { name: () => 'shop.run.8' });
    expect([state, sent]).toEqual(['stopped', ['run:stop --container shop.run.8']]);
  });

  test('is stopped even if the host creates it only later', async () => {
    const { state, sent } = await stop((line, number) =>
      answered(line.startsWith('run:list') && number > 1 ? listed : '[]'),
    );
    expect([state, sent.length]).toEqual(['stopped', 3]);
  });

  test.each([
    ['absent', answered('[]')],
    ['unknown', lost],
    ['unknown', { kind: 'refused', exit: 1, stdout: '', stderr: '' } as const],
  ])('is %s after its time if the host answers %j', async (state, answer) => {
    expect((await stop(() => answer, { time: 50 })).state).toBe(state);
  });
});
