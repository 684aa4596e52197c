import { describe, expect, test } from 'vitest';
import type { RunEvent, StepOutcome } from '../../src/apply/events.ts';
import { createProgressTracker, type ProgressTracker } from '../../src/report/progress-tracker.ts';
import { runStarted } from '../support/events.ts';

const titled = (id: string) => ({ id, title: `Do ${id}` });
const planned = (...ids: string[]): RunEvent => ({ kind: 'planned', at: 0, steps: ids.map(titled) });
const started = (id: string, at = 0): RunEvent => ({ kind: 'step-started', at, ...titled(id) });
const ended = (id: string, outcome: StepOutcome = 'done', note?: string): RunEvent => ({
  kind: 'step-ended',
  at: 1,
  ...titled(id),
  outcome,
  took: 1,
  note,
});
const runEnded: RunEvent = {
  kind: 'run-ended',
  at: 9,
  took: 9,
  exitCode: 4,
  result: undefined,
  error: undefined,
};

const trackerAfter = (events: readonly RunEvent[]): ProgressTracker => {
  const tracker = createProgressTracker();
  for (const event of events) tracker.record(event);
  return tracker;
};

const outcomesAfter = (events: readonly RunEvent[]): (readonly [string, string])[] =>
  trackerAfter(events)
    .results()
    .map(({ id, outcome }) => [id, outcome]);

describe('results', () => {
  test('list the steps in the order of their ends, and those that never started last', () => {
    const events = [planned('a', 'b', 'c', 'd'), started('a'), started('b'), ended('b'), ended('a')];
    expect(outcomesAfter(events)).toEqual([
      ['b', 'done'],
      ['a', 'done'],
      ['c', 'not-started'],
      ['d', 'not-started'],
    ]);
  });

  test('drop the unstarted steps of a plan that a new one replaces', () => {
    const events = [planned('a', 'b'), started('a'), ended('a'), planned('a', 'c'), started('a'), ended('a')];
    expect(outcomesAfter(events)).toEqual([
      ['a', 'done'],
      ['a', 'done'],
      ['c', 'not-started'],
    ]);
  });
});

describe('running', () => {
  const readState = { id: 'look', title: 'Read the state of the host', since: runStarted.at };

  test.each<[string, readonly RunEvent[], readonly unknown[]]>([
    ['is reading the state of the host until there is a plan', [runStarted], [readState]],
    ['is empty between the plan and its first step', [runStarted, planned('a')], []],
    [
      'lists the steps that have not ended, the longest first',
      [planned('a', 'b', 'c'), started('a', 1), started('b', 2), started('c', 3), ended('b')],
      [
        { ...titled('a'), since: 1 },
        { ...titled('c'), since: 3 },
      ],
    ],
    ['is empty after the run', [runStarted, planned('a'), started('a'), runEnded], []],
  ])('%s', (_, events, activities) => {
    expect(trackerAfter(events).running()).toEqual(activities);
  });
});

test('failures are the failed steps whose reason is known', () => {
  const events = [
    ended('a', 'failed', 'No room.'),
    ended('b', 'stopped', 'stopped by a signal'),
    ended('c', 'failed'),
    ended('d', 'done', 'shipped'),
  ];
  expect(trackerAfter(events).failures()).toEqual([{ title: 'Do a', reason: 'No room.' }]);
});
