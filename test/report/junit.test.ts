import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { type CheckedRun, formatJunit, isJunitReport } from '../../src/report/junit.ts';
import type { StepRecord } from '../../src/report/progress-tracker.ts';
import { readJunit } from '../support/junit.ts';

const step = (title: string, outcome: StepRecord['outcome'] = 'done', id = 'x'): StepRecord => ({
  id,
  title,
  outcome,
  took: 1_500,
});

const run = (more: Partial<CheckedRun> = {}): CheckedRun => ({
  app: 'fix',
  steps: [],
  failures: [],
  scripts: [],
  error: undefined,
  ...more,
});

const casesOf = (more: Partial<CheckedRun>) => readJunit(formatJunit(run(more)));
const failure = new DeployError('release-failed', {
  message: 'The predeploy script of fix failed.',
  said: ['<PG::Error> & "quoted"'],
  remedy: 'Fix the script.',
});

describe('a JUnit report', () => {
  test('has a case for each step, with its time in seconds', () => {
    expect(casesOf({ steps: [step('Create the app fix'), step('Deploy 0123abcd to fix')] })).toEqual([
      expect.objectContaining({ suite: 'dokku-deploy: preparation', outcome: 'passed' }),
      { suite: 'dokku-deploy: steps', name: 'Create the app $APP', time: 1.5, outcome: 'passed', text: '' },
      {
        suite: 'dokku-deploy: steps',
        name: 'Deploy $COMMIT to $APP',
        time: 1.5,
        outcome: 'passed',
        text: '',
      },
    ]);
  });

  test('names the cases alike on two branches, so that GitLab compares them', () => {
    const names = (app: string, commit: string) =>
      casesOf({
        app,
        steps: [
          step(`Create the postgres service ${app}-database`),
          step(`Deploy registry.test/shop@sha256:${commit}${commit} (${commit}) to ${app}`),
        ],
      }).map(({ name }) => name);
    expect(names('fix', '0123abcd')).toEqual(names('say-more.now', 'ffff0000'));
  });

  test('says which step failed, why, and what the host printed', () => {
    const title = 'Deploy 0123abcd to fix';
    const cases = casesOf({
      steps: [step(title, 'failed', 'deploy'), step('Record the commit on fix', 'not-started')],
      failures: [{ title, reason: failure.message }],
      error: failure,
    });
    expect(cases.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'skipped']);
    expect(cases[1]?.text).toBe(
      'The predeploy script of fix failed.\n<PG::Error> & "quoted"\nFix the script.',
    );
  });

  test.each([
    ['done', 'passed'],
    ['skipped', 'skipped'],
    ['failed', 'failed'],
  ] as const)('shows the check of the URL that is %s as %s', (outcome, expected) => {
    const [, check] = casesOf({ steps: [step('Check that fix answers', outcome, 'check')] });
    expect(check).toMatchObject({ suite: 'dokku-deploy: checks', outcome: expected });
  });

  test('shows a step that was already done as passed', () => {
    expect(casesOf({ steps: [step('Create the app fix', 'skipped')] })[1]).toMatchObject({
      outcome: 'passed',
    });
  });

  test('shows the scripts that ran, with their outcome and time', () => {
    const cases = casesOf({
      error: failure,
      steps: [step('x', 'failed')],
      scripts: [
        { script: 'release', outcome: 'done', took: 250 },
        { script: 'predeploy', outcome: 'failed', took: 1_000 },
        { script: 'postdeploy', outcome: 'stopped', took: 0 },
      ],
    }).filter(({ suite }) => suite === 'dokku-deploy: scripts');
    expect(cases.map(({ name, outcome, time }) => [name, outcome, time])).toEqual([
      ['release', 'passed', 0.25],
      ['predeploy', 'failed', 1],
      ['postdeploy', 'skipped', 0],
    ]);
    expect(cases[1]?.text).toContain('<PG::Error>');
  });

  test('of a run that failed before its first step has the reason', () => {
    const error = new DeployError('configuration', { message: 'DOKKU_HOST is not set.' });
    expect(casesOf({ app: undefined, error })).toEqual([
      expect.objectContaining({ outcome: 'failed', text: 'DOKKU_HOST is not set.' }),
    ]);
  });

  test('of a stopped run fails nothing', () => {
    const error = new DeployError('terminated', { message: 'Stopped.' });
    const cases = casesOf({ steps: [step('Deploy x to fix', 'stopped')], error });
    expect(cases.map(({ outcome }) => outcome)).toEqual(['skipped', 'skipped']);
  });

  test('never has two cases of one name, of which GitLab would keep one', () => {
    const titles = casesOf({ steps: [step('Link a to fix'), step('Link a to fix')] }).map(({ name }) => name);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('is XML whatever the host prints', () => {
    const said = ['\u0000\u001b[31m]]>\ud800\ufffe\uffff<![CDATA[', '[[ATTACHMENT|/etc/passwd]]'];
    const error = new DeployError('build-failed', { message: 'a < b', said });
    const text = formatJunit(run({ error }));
    expect(readJunit(text)[0]?.text).toContain(']]>');
    // GitLab looks for attachments here only.
    expect(text).not.toContain('system-out');
    expect(isJunitReport(text)).toBe(true);
  });
});
