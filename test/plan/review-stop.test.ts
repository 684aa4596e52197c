import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { DeployError } from '../../src/errors.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { formatMarker } from '../../src/plan/marker.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { planReviewStop } from '../../src/plan/review-stop.ts';
import { formatStepCommand } from '../../src/plan/text.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const context = aContext({ command: 'review stop' });

const marker = {
  app: 'my-branch' as string | undefined,
  projectId: '42',
  project: 'group/shop',
  ref: 'my-branch',
  environment: 'review/my-branch',
  services: [
    { plugin: 'mysql', name: 'my-branch-database' },
    { plugin: 'redis', name: 'my-branch-redis' },
  ],
};

const marked = (changes: Partial<typeof marker> = {}) =>
  stateOf('my-branch', {
    DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, ...changes }),
    DATABASE_URL: 'postgres://someone@elsewhere/x',
  });

const refusal = (act: () => unknown, part: 'message' | 'remedy' = 'message'): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof DeployError) return `${error.code}: ${error[part]}`;
  }
  return 'none';
};

describe('the plan of review stop', () => {
  test('removes the services that the marker names, and the app with the marker last', () => {
    expect(planReviewStop(context, { app: marked() }).steps.map(formatStepCommand)).toEqual([
      'mysql:unlink my-branch-database my-branch --no-restart',
      'redis:unlink my-branch-redis my-branch --no-restart',
      'mysql:destroy my-branch-database --force',
      'redis:destroy my-branch-redis --force',
      'apps:destroy my-branch --force',
      'config:export --format json my-branch',
    ]);
  });

  test('unlinks one service at a time, destroys each after its own unlink, and the app after all of them', () => {
    const needs = planReviewStop(context, { app: marked() }).steps.map(({ id, needs }) => [id, needs]);
    expect(Object.fromEntries(needs)).toEqual({
      'unlink-mysql-my-branch-database': [],
      'unlink-redis-my-branch-redis': ['unlink-mysql-my-branch-database'],
      'destroy-mysql-my-branch-database': ['unlink-mysql-my-branch-database'],
      'destroy-redis-my-branch-redis': ['unlink-redis-my-branch-redis'],
      'destroy-app': ['destroy-mysql-my-branch-database', 'destroy-redis-my-branch-redis'],
      sweep: ['destroy-app'],
    });
  });

  test.each([
    ['nothing was ever pushed to it', {}, true],
    ['a push was tried', { GIT_REV: 'x' }, false],
    ['a commit is recorded', { DOKKU_DEPLOY_COMMIT: 'x' }, false],
  ])('waits for the commands of an interrupted start if %s: %j', (_, config, isUnfinished) => {
    const app = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: formatMarker(marker), ...config });
    expect(planReviewStop(context, { app }).steps.at(-1)).toMatchObject({ kind: 'sweep', isUnfinished });
  });

  test('has no steps for an app that does not exist, and a note', () => {
    const plan = planReviewStop(context, { app: 'absent' });
    expect([plan.steps, plan.notes]).toEqual([[], ['there is no app my-branch on the host']]);
  });

  test('removes an app that a killed run created but did not mark', () => {
    const plan = planReviewStop(context, { app: stateOf('my-branch', {}), findings: [] });
    expect(plan.steps.map(formatStepCommand)).toEqual(['apps:destroy my-branch --force']);
  });

  test('recognizes a renamed project by its id', () => {
    expect(planReviewStop(context, { app: marked({ project: 'group/old-name' }) }).steps).toHaveLength(6);
  });

  test.each([
    ['no marker', stateOf('my-branch', { A: '1' })],
    ['the marker of another project', marked({ projectId: '7' })],
    ['the marker of another branch with the same slug', marked({ ref: 'my_branch' })],
    [
      'its marker that deploy deploys to',
      stateOf('my-branch', {
        DOKKU_DEPLOY_REVIEW: formatMarker(marker),
        DOKKU_DEPLOY_OWNER: 'format=v2&id=42&project=group%2Fshop&app=my-branch',
      }),
    ],
    [
      'its marker that an earlier version deployed to',
      stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: formatMarker(marker), DOKKU_DEPLOY_SERVICES: '' }),
    ],
    ['the marker of an app that it was copied from', marked({ app: 'other' })],
    ['a marker that cannot be read', stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: 'x' })],
  ])('refuses an app with %s', (_, app) => {
    expect(refusal(() => planReviewStop(context, { app, findings: [] }))).toMatch(
      /^app-not-ours: The app my-branch is not removed/,
    );
  });

  test('never proposes to destroy an app that is not removed', () => {
    const app = stateOf('my-branch', { DOKKU_DEPLOY_OWNER: 'x' });
    const error = refusal(() => planReviewStop(context, { app }), 'remedy');
    expect(error).not.toContain('destroy');
  });

  test('removes what a failed removal left, whatever else is set on it', () => {
    const plan = planReviewStop(context, {
      app: stateOf('my-branch', {}),
      findings: [{ kind: 'set', setting: 'a deployed version' }, { kind: 'half-removed' }],
    });
    expect(plan.steps.map(formatStepCommand)).toEqual(['apps:destroy my-branch --force']);
    expect(plan.notes).toEqual(['my-branch is what a failed removal left']);
  });

  test('refuses a deployed app without configuration', () => {
    expect(
      refusal(() =>
        planReviewStop(context, {
          app: stateOf('my-branch', {}),
          findings: [{ kind: 'set', setting: 'a deployed version' }],
        }),
      ),
    ).toMatch(/^app-not-ours/);
  });
});

describe('the search of review stop', () => {
  const foreign = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, ref: 'else' }) });
  const elsewhere = stateOf('custom', { DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, app: 'custom' }) });

  test('finds the app by its marker if the name is another app’s', () => {
    const plan = planReviewStop(context, { app: foreign, others: new Map([['custom', elsewhere]]) });
    expect(plan.app).toBe('custom');
    expect(plan.steps.map(formatStepCommand)).toEqual([
      'mysql:unlink my-branch-database custom --no-restart',
      'redis:unlink my-branch-redis custom --no-restart',
      'mysql:destroy my-branch-database --force',
      'redis:destroy my-branch-redis --force',
      'apps:destroy custom --force',
      'config:export --format json custom',
    ]);
    expect(plan.notes).toContain('custom has the marker of this branch');
  });

  test('removes the app and one that an earlier version named differently', () => {
    const old = stateOf('old-name', {
      DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, app: undefined, services: [] }),
    });
    const job = aContext({ command: 'review stop', formerNames: ['old-name'] });
    const plan = planReviewStop(job, { app: marked(), others: new Map([['old-name', old]]) });
    const ids = plan.steps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(plan.steps.slice(-4).map(formatStepCommand)).toEqual([
      'apps:destroy my-branch --force',
      'config:export --format json my-branch',
      'apps:destroy old-name --force',
      'config:export --format json old-name',
    ]);
  });

  test('does not remove an app whose marker names no app, since apps:clone copies such a marker', () => {
    const copy = stateOf('copy', { DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, app: undefined }) });
    const others = new Map([['copy', copy]]);
    const plan = planReviewStop(context, { app: marked(), others });
    expect(plan.steps.map(formatStepCommand).filter((line) => line.includes(' copy'))).toEqual([]);
    const alone = () => planReviewStop(context, { app: 'absent', appNames: ['copy'], others });
    expect(refusal(alone)).toBe(
      'app-not-found: There is no app my-branch. copy has a marker of my-branch that does not name its app: version 1.0.0 wrote it there, or it was copied from another app.',
    );
    expect(refusal(alone, 'remedy')).toContain('pass it with --app');
  });

  test('does not remove an app whose marker names another one, and does not end as if nothing were left', () => {
    const renamed = stateOf('renamed', { DOKKU_DEPLOY_REVIEW: formatMarker(marker) });
    const foreign = stateOf('foreign', { DOKKU_DEPLOY_REVIEW: formatMarker({ ...marker, ref: 'other' }) });
    const appNames = ['renamed', 'foreign'];
    const others = new Map(Object.entries({ renamed, foreign }));
    const stop = () => planReviewStop(context, { app: 'absent', appNames, others });
    expect(refusal(stop)).toBe(
      'app-not-found: There is no app my-branch. renamed has a marker of my-branch that was written for another app: someone has renamed or copied the review app.',
    );
    expect(refusal(stop, 'remedy')).toContain('dokku apps:rename renamed my-branch');
    const beside = planReviewStop(context, { app: marked(), appNames, others });
    expect(beside.steps.map(formatStepCommand).filter((line) => /renamed|foreign/.test(line))).toEqual([]);
  });

  test('asks about former names first, then about every app, four at a time', () => {
    const job = aContext({ command: 'review stop', formerNames: ['old'] });
    expect(words(job, {})).toEqual([
      'config:export --format json my-branch',
      'config:export --format json old',
    ]);
    const others = new Map([['old', 'absent']] as const);
    expect(words(job, { app: 'absent', others })).toEqual(['apps:list']);
    const appNames = ['a', 'b', 'my-branch', 'old', 'c', 'd', 'e'];
    expect(words(job, { app: 'absent', others, appNames })).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `config:export --format json ${name}`),
    );
  });

  test('does not search if the app was found by name', () => {
    expect(words(context, { app: marked(), others: new Map() })).toEqual([]);
  });

  test('ends after 400 apps with an error, since the app may be among the others', () => {
    const appNames = Array.from({ length: 500 }, (_, index) => `app-${index}`);
    const others = new Map(appNames.slice(0, 400).map((name) => [name, 'absent'] as const));
    const hostState: HostState = { app: 'absent', appNames, others };
    expect(words(context, hostState)).toEqual([]);
    expect(refusal(() => planReviewStop(context, hostState))).toBe(
      'app-not-found: There is no app my-branch, and 100 apps of the host were not searched for the marker of my-branch.',
    );
  });

  test('names the apps that the host cannot read', () => {
    const plan = planReviewStop(context, {
      app: 'absent',
      appNames: ['broken'],
      others: new Map([['broken', 'unreadable']]),
    });
    expect(plan.notes).toEqual([
      'there is no app my-branch on the host, and no other app has the marker of this branch; the host cannot read broken',
    ]);
  });
});

test('review stop asks one question, and more only about an app without any configuration', () => {
  expect(words(context, {})).toEqual(['config:export --format json my-branch']);
  expect(words(context, { app: marked() })).toEqual([]);
  expect(words(context, { app: stateOf('my-branch', {}) })).toEqual([
    'ps:report my-branch --deployed',
    'domains:report my-branch --format json',
    'storage:list my-branch --format json',
    'ports:list my-branch',
    'docker-options:report my-branch --format json',
    'certs:report my-branch --ssl-enabled',
    'apps:report my-branch --app-created-at',
  ]);
});

const words = (job: Context, hostState: HostState) =>
  openQuestions(job, hostState).map(({ command }) => command.words.join(' '));
