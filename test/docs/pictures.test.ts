import { expect, test } from 'vitest';
import { readLog, renderLogPage } from '../../docs/pictures/log-page.ts';
import { renderNotePage } from '../../docs/pictures/note-page.ts';
import { createProgressTracker } from '../../src/report/progress-tracker.ts';
import { createTextLogger } from '../../src/report/text.ts';

/** The log of a run with two steps, as the tool itself writes it in GitLab. */
const aLog = (said: readonly string[]): string => {
  let log = '';
  const write = (text: string): void => {
    log += text;
  };
  const emit = createTextLogger({ progress: createProgressTracker(), write, sections: true, colours: true });
  const step = (id: string, at: number, took: number, lines: readonly string[]): void => {
    const title = `Do ${id}`;
    emit({ kind: 'step-started', at, id, title });
    for (const line of lines) emit({ kind: 'said', at, id, line });
    emit({ kind: 'step-ended', at: at + took, id, title, outcome: 'done', took, note: undefined });
  };
  step('first', 10_000, 4_000, ['hidden in its fold']);
  step('deploy', 14_000, 75_000, said);
  return log;
};

const rows = (page: string): string[] =>
  [...page.matchAll(/<p[^>]*>(.*?)<\/p>/g)].map(([, row = '']) => row.replace(/<[^>]+>/g, ' ').trim());

test('a log is read into its sections, folded as they ask, with their durations', () => {
  const sections = readLog(aLog(['one', 'two']));
  expect(sections).toMatchObject([
    { kind: 'section', title: expect.stringContaining('Do first'), collapsed: true, seconds: 4 },
    { kind: 'section', title: expect.stringContaining('Do deploy'), collapsed: false, seconds: 75 },
  ]);
});

test('the page numbers each line, hides those of a folded section, and tells durations', () => {
  expect(rows(renderLogPage(readLog(aLog(['one']))))).toEqual([
    expect.stringMatching(/^1 +› +Do first +00:04$/),
    expect.stringMatching(/^4 +⌄ +Do deploy +01:15$/),
    expect.stringMatching(/^5 +one$/),
    expect.stringMatching(/^6 +done +in 1 min 15 s$/),
  ]);
});

test('what the host said is text in the page, and of many lines the middle is left out', () => {
  const page = renderLogPage(readLog(aLog(['<script>', 'b', 'c', 'd', 'e'])), 4);
  expect(page).toContain('&lt;script&gt;');
  expect(rows(page).slice(2)).toEqual([
    expect.stringMatching(/^5 +&lt;script&gt;$/),
    expect.stringMatching(/^6 +b$/),
    expect.stringMatching(/^⋮ +2 more lines$/),
    expect.stringMatching(/^9 +e$/),
    expect.stringMatching(/^10 +done/),
  ]);
});

test('a note is shown with its heading, table and unfolded part', () => {
  const page = renderNotePage(
    '### :rocket: Up\n\n| | |\n|---|---|\n| Commit | `1a` |\n\n<details><summary>What ran</summary>\n\nx\n</details>',
    'Zoé',
  );
  expect(page).toMatch(/<b>Zoé<\/b>.*<h3>🚀 Up<\/h3>.*<td>Commit<\/td>.*<details open>/s);
});
