import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { formatNote } from '../../src/notify/merge-request-note.ts';
import type { FinishedRun } from '../../src/notify/message.ts';
import type { StepRecord } from '../../src/report/progress-tracker.ts';
import { aContext } from '../support/context.ts';
import { aMessage, anEndedRun } from '../support/message.ts';

const steps: readonly StepRecord[] = [
  { id: 'create-app', title: 'Create the app my-branch', outcome: 'done', took: 4_000 },
  { id: 'deploy', title: 'Ship 01234567', outcome: 'done', took: 26_000 },
];

const { job, source } = anEndedRun().context;

const review = (command: 'review start' | 'review stop', more: Partial<FinishedRun> = {}): FinishedRun =>
  anEndedRun({
    context: aContext({ command, job, source }),
    services: ['mysql:my-branch-database'],
    ...more,
  });

const failed = (said: readonly string[]): FinishedRun =>
  review('review start', {
    result: undefined,
    error: new DeployError('build-failed', { message: 'The host could not build my-branch.', said }),
  });

const removed = review('review stop', {
  result: { kind: 'removed', services: ['mysql:my-branch-database'], wasThere: true },
});

describe('the merge request note', () => {
  test('shows the URL, the commit, the services, and the steps with their durations', async () => {
    const runs = [review('review start'), failed(['npm error missing script: build']), removed];
    const text = runs.map((run) => formatNote(aMessage(run), steps)).join('\n=====\n\n');
    await expect(text).toMatchFileSnapshot('../golden/notifications/note.md');
  });

  test('links to the changed pages, and says what a merge deploys and when the app is removed', () => {
    const pages = [
      'about.html',
      'blog/[first] post/',
      ...Array.from({ length: 9 }, (_, index) => `p${index}`),
    ];
    const context = aContext({
      command: 'review start',
      job: { ...job, autoStopIn: '1 week', afterMerge: 'staging' },
      source,
      changedPages: pages,
    });
    const text = formatNote(aMessage(anEndedRun({ context })), []);
    expect(text).toContain(
      '| Changed pages | [/about.html](https://shop.example.com/about.html), [/blog/\\[first\\] post/](https://shop.example.com/blog/[first]%20post/), ',
    );
    expect(text).toContain('[/p7](https://shop.example.com/p7), and 1 more |');
    expect(text).toContain('| A merge deploys to | `staging` |');
    expect(text).toContain('| Removed | at the latest 1 week after the last push |');
    const removedText = formatNote(aMessage(review('review stop', { result: removed.result })), []);
    expect(removedText).not.toContain('A merge deploys to');
  });

  test('names the user and the place of the password, and never the password', () => {
    const rowOf = (loginHint: { user: string; variable: string | undefined }) =>
      formatNote(aMessage(anEndedRun({ context: aContext({ command: 'review start', loginHint }) })), [])
        .split('\n')
        .find((line) => line.startsWith('| Login'));
    expect(rowOf({ user: 'team', variable: 'REVIEW_PASSWORD' })).toBe(
      '| Login | `team`, password in the CI/CD variable `REVIEW_PASSWORD` |',
    );
    expect(rowOf({ user: 'team', variable: undefined })).toContain('as the configuration file sets it');
  });

  test('contains no quick action: the host’s output is in a code block and no line starts with a slash', () => {
    const text = formatNote(aMessage(failed(['/close', '```', '/merge'])), []);
    expect(text).toContain('````\n /close\n```\n /merge\n````');
  });

  test('mentions no one and refers to nothing, whatever the commit’s subject is', () => {
    const run = review('review start', {
      context: aContext({
        command: 'review start',
        source: { ...source, subject: '@all | **see** !12 &3 :x: /close' },
      }),
    });
    expect(formatNote(aMessage(run), [])).toContain(
      '`01234567` @\u200ball \\| \\*\\*see\\*\\* \\!12 \\&3 \\:x\\: /close |',
    );
  });

  test('keeps the last lines of a long output', () => {
    const lines = [...Array.from({ length: 11 }, () => 'x'.repeat(300)), 'THE ERROR'];
    const text = formatNote(aMessage(failed(lines)), []);
    expect(text).toContain('\nTHE ERROR\n```');
    expect(text).toContain('```\n…\nxxx');
  });

  test('shows a step that did not start without a duration', () => {
    const left: StepRecord = { id: 'deploy', title: 'Ship 01234567', outcome: 'not-started', took: 0 };
    expect(formatNote(aMessage(failed([])), [left])).toContain('| Ship 01234567 | not started |  |\n');
  });

  test('omits unknown values', () => {
    const bare = aMessage(review('review start', { context: aContext(), services: [] }));
    const text = formatNote({ ...bare, url: undefined, commit: undefined }, []);
    expect(text).not.toMatch(/undefined|Services|Commit|Job log|details/);
  });
});
