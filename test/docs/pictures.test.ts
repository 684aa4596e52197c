import { expect, test } from 'vitest';
import { parseLog, renderLogPage } from '../../docs/pictures/log-page.ts';
import { renderMergeRequestPage } from '../../docs/pictures/merge-request-page.ts';
import { renderNote } from '../../docs/pictures/note.ts';
import { createProgressTracker } from '../../src/report/progress-tracker.ts';
import { createTextLogger } from '../../src/report/text.ts';

/** Returns the log of a run with two steps, as dokku-deploy writes it in GitLab. */
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
  step('first', 10_000, 4_000, ['in a collapsed section']);
  step('deploy', 14_000, 75_000, said);
  return log;
};

const rows = (page: string): string[] =>
  [...page.matchAll(/<p[^>]*>(.*?)<\/p>/g)].map(([, row = '']) => row.replace(/<[^>]+>/g, ' ').trim());

test('a log is split into its sections, with their state and duration', () => {
  const sections = parseLog(aLog(['one', 'two']));
  expect(sections).toMatchObject([
    { kind: 'section', title: expect.stringContaining('Do first'), collapsed: true, seconds: 4 },
    { kind: 'section', title: expect.stringContaining('Do deploy'), collapsed: false, seconds: 75 },
  ]);
});

test('the page numbers all lines, hides those of a collapsed section, and shows durations', () => {
  expect(rows(renderLogPage(parseLog(aLog(['one']))))).toEqual([
    expect.stringMatching(/^1 +› +Do first +00:04$/),
    expect.stringMatching(/^4 +⌄ +Do deploy +01:15$/),
    expect.stringMatching(/^5 +one$/),
    expect.stringMatching(/^6 +done +in 1 min 15 s$/),
  ]);
});

test('the page escapes what the host printed, and leaves out the middle of a long section', () => {
  const page = renderLogPage(parseLog(aLog(['<script>', 'b', 'c', 'd', 'e'])), 4);
  expect(page).toContain('&lt;script&gt;');
  expect(rows(page).slice(2)).toEqual([
    expect.stringMatching(/^5 +&lt;script&gt;$/),
    expect.stringMatching(/^6 +b$/),
    expect.stringMatching(/^⋮ +2 more lines$/),
    expect.stringMatching(/^9 +e$/),
    expect.stringMatching(/^10 +done/),
  ]);
});

test('a note is shown with its heading, its table and its details open', () => {
  const page = renderNote(
    '### :rocket: Up\n\n| | |\n|---|---|\n| Commit | `1a` |\n\n<details><summary>Steps</summary>\n\nx\n</details>',
    'Zoé',
  );
  expect(page).toMatch(/<b>Zoé<\/b>.*<h3>🚀 Up<\/h3>.*<td>Commit<\/td>.*<details open>/s);
});

test('a merge request is shown with what its reports say: the environment, the tests, the plans, the note and the links', () => {
  const page = renderMergeRequestPage({
    title: 'Say <more>',
    branch: 'more',
    author: 'Zoé',
    note: '### :rocket: Up\n\n<details><summary>Steps</summary>x</details>',
    plans: [{ environment: 'staging', report: '{"create":2,"update":3,"delete":0}' }],
    junit: '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>',
    links: '{"dokku-deploy":[{"external_link":{"label":"Open it","url":"https://a.example.com"}}]}',
  });
  const text = page
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
  for (const part of [
    'Say &#60;more&#62;',
    'Deployed to review/more',
    'Test summary: 1 failed, 2 total tests',
    'The report plan-staging: 2 to add, 3 to change, 0 to delete',
    '🚀 Up',
    'Open it',
  ]) {
    expect(text).toContain(part);
  }
});
