import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { createStepRecorder } from '../../src/report/step-results.ts';

const titled = (id: string) => ({ id, title: `Do ${id}` });
const planned = (...ids: string[]): RunEvent => ({ kind: 'planned', at: 0, steps: ids.map(titled) });
const started = (id: string): RunEvent => ({ kind: 'step-started', at: 0, ...titled(id) });
const done = (id: string): RunEvent => ({
  kind: 'step-ended',
  at: 1,
  ...titled(id),
  outcome: 'done',
  took: 1,
  note: undefined,
});

const endsAfter = (events: readonly RunEvent[]): (readonly [string, string])[] => {
  const recorder = createStepRecorder();
  for (const event of events) recorder.record(event);
  return recorder.records().map(({ id, outcome }) => [id, outcome]);
};

test('steps are kept in the order of their ends, and those that never began come last', () => {
  const events = [planned('a', 'b', 'c', 'd'), started('a'), started('b'), done('b'), done('a')];
  expect(endsAfter(events)).toEqual([
    ['b', 'done'],
    ['a', 'done'],
    ['c', 'not-started'],
    ['d', 'not-started'],
  ]);
});

test('a new plan takes the place of what the old one left', () => {
  const events = [planned('a', 'b'), started('a'), done('a'), planned('a', 'c'), started('a'), done('a')];
  expect(endsAfter(events)).toEqual([
    ['a', 'done'],
    ['a', 'done'],
    ['c', 'not-started'],
  ]);
});
