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

describe('the note of a merge request', () => {
  test('says where the app is, of which commit, with which services, what ran and how long', async () => {
    const runs = [review('review start'), failed(['npm error missing script: build']), removed];
    const text = runs.map((run) => formatNote(aMessage(run), steps)).join('\n=====\n\n');
    await expect(text).toMatchFileSnapshot('../golden/notices/note.md');
  });

  test('gives GitLab no order: no line of the host’s begins with a slash, and all stand in a block', () => {
    const text = formatNote(aMessage(failed(['/close', '```', '/merge'])), []);
    expect(text).toContain('````\n /close\n```\n /merge\n````');
  });

  test('calls nobody and refers to nothing, whatever a commit is named', () => {
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

  test('keeps the last lines of a long end: they say why', () => {
    const lines = [...Array.from({ length: 11 }, () => 'x'.repeat(300)), 'THE ERROR'];
    const text = formatNote(aMessage(failed(lines)), []);
    expect(text).toContain('\nTHE ERROR\n```');
    expect(text).toContain('```\n…\nxxx');
  });

  test('says of a step that was never begun that it was not, without a time', () => {
    const left: StepRecord = { id: 'deploy', title: 'Ship 01234567', outcome: 'not-started', took: 0 };
    expect(formatNote(aMessage(failed([])), [left])).toContain('| Ship 01234567 | not started |  |\n');
  });

  test('names nothing that is not known', () => {
    const bare = aMessage(review('review start', { context: aContext(), services: [] }));
    const text = formatNote({ ...bare, url: undefined, commit: undefined }, []);
    expect(text).not.toMatch(/undefined|Services|Commit|Job log|details/);
  });
});
