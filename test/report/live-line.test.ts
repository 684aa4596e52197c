import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { startLiveLine } from '../../src/report/live-line.ts';
import { createProgressTracker } from '../../src/report/progress-tracker.ts';
import { runStarted } from '../support/events.ts';

const terminal = (columns = 80) => {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns });
  let written = '';
  output.on('data', (chunk) => {
    written += String(chunk);
  });
  return { output, written: () => written };
};

/** What a terminal shows: the last state of each line. */
const shown = (text: string): string[] =>
  text.split('\n').map((line) => line.slice(line.lastIndexOf('\u001b[2K') + 1).replace(/^\[2K/, ''));

const begin = (id: string, title: string): RunEvent => ({ kind: 'step-started', at: 1_000, id, title });
const ended: RunEvent = {
  kind: 'run-ended',
  at: 9,
  took: 9,
  exitCode: 0,
  result: undefined,
  error: undefined,
};

const line = (columns?: number) => {
  const { output, written } = terminal(columns);
  const progress = createProgressTracker();
  const live = startLiveLine({
    progress,
    output,
    now: () => 3_500,
    interval: 5,
  });
  const write = (text: string): void => {
    live.clear();
    output.write(text);
  };
  return { live, record: progress.record, note: progress.note, write, written };
};

test('shows what is running and for how long, on one line that is redrawn', async () => {
  const { live, record, written } = line();
  using _ = live;
  record(runStarted);
  await sleep(30);
  expect(shown(written())).toEqual([expect.stringMatching(/^. Read the state of the host, 3\.5 s$/)]);
  record({ kind: 'planned', at: 1_000, steps: [] });
  record(begin('a', 'Create the app x'));
  record(begin('b', 'Create a database'));
  await sleep(30);
  expect(shown(written())).toEqual([expect.stringMatching(/^. Create the app x, and 1 more, 2\.5 s$/)]);
});

test('shows how far the step is, until that is no longer known', async () => {
  const { live, record, note, written } = line();
  record(begin('deploy', 'Deploy'));
  note('deploy', 'sent 12 of 182 MB');
  note('gone', 'nothing');
  await sleep(30);
  expect(shown(written()).at(-1)).toMatch(/Deploy: sent 12 of 182 MB, 2\.5 s$/);
  note('deploy', undefined);
  await sleep(30);
  expect(shown(written()).at(-1)).toMatch(/Deploy, 2\.5 s$/);
  live[Symbol.dispose]();
});

test('log lines are written above it, and nothing of it is left at the end', async () => {
  const { live, record, write, written } = line();
  {
    using _ = live;
    record(begin('a', 'Create the app x'));
    await sleep(30);
    write('a line of the host\n');
    await sleep(30);
    record(ended);
    write('Done in 1 s.\n');
    await sleep(30);
  }
  expect(shown(written())).toEqual(['a line of the host', 'Done in 1 s.', '']);
});

test('is cut to the width of the terminal, and moves no cursor', async () => {
  const { live, record, written } = line(30);
  using _ = live;
  record(begin('a', `Set \u001b[2Jthis and ${'x'.repeat(100)}`));
  await sleep(30);
  const [drawn = ''] = shown(written());
  expect(drawn).toHaveLength(29);
  expect(written()).not.toContain('\u001b[2J');
});
