import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { startHeartbeat } from '../../src/report/heartbeat.ts';
import { createProgressTracker } from '../../src/report/progress-tracker.ts';
import { runStarted } from '../support/events.ts';

const planned: RunEvent = { kind: 'planned', at: 0, steps: [] };
const begun: RunEvent = { kind: 'step-started', at: 5_000, id: 'deploy', title: 'Deploy it' };
const ended: RunEvent = {
  kind: 'step-ended',
  at: 6_000,
  id: 'deploy',
  title: 'Deploy it',
  outcome: 'done',
  took: 1_000,
  note: undefined,
};

/** Returns the heartbeats after these events, if something was last written so many milliseconds ago. */
const beats = async (events: readonly RunEvent[], silentFor: number): Promise<string[]> => {
  const said: string[] = [];
  const progress = createProgressTracker();
  const emit = (event: RunEvent): void => {
    if (event.kind === 'waiting') said.push(event.message);
  };
  const now = () => 25_000;
  using _ = startHeartbeat({ progress, emit, now, lastWrittenAt: () => 25_000 - silentFor, interval: 20 });
  for (const event of events) progress.record(event);
  await sleep(30);
  return [...new Set(said)];
};

test.each<[string, readonly RunEvent[], string[]]>([
  [
    'is reading the state of the host',
    [runStarted],
    ['Read the state of the host: still running after 25 s'],
  ],
  ['has a silent step', [runStarted, planned, begun], ['Deploy it: still running after 20 s']],
  ['has ended its last step', [runStarted, planned, begun, ended], []],
])('the heartbeat of a run that %s', async (_, events, said) => {
  expect(await beats(events, 20)).toEqual(said);
});

test('a heartbeat is logged only if nothing was written recently, even if lines are held back', async () => {
  const line: RunEvent = { kind: 'said', at: 25_000, id: 'deploy', line: 'building' };
  expect(await beats([runStarted, planned, begun, line], 0)).toEqual([]);
  expect(await beats([runStarted, planned, begun, line], 20)).toHaveLength(1);
});
