import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
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
    });
  });

  test('has no steps for an app that does not exist, and a note', () => {
    const plan = planReviewStop(context, { app: 'absent' });
    expect([plan.steps, plan.notes]).toEqual([
      [],
      ['there is no app my-branch on the host: nothing to remove'],
    ]);
  });

  test('removes an app that a killed run created but did not mark', () => {
    const plan = planReviewStop(context, { app: stateOf('my-branch', {}), deployed: false });
    expect(plan.steps.map(formatStepCommand)).toEqual(['apps:destroy my-branch --force']);
  });

  test('recognizes a renamed project by its id', () => {
    expect(planReviewStop(context, { app: marked({ project: 'group/old-name' }) }).steps).toHaveLength(5);
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
    expect(refusal(() => planReviewStop(context, { app, deployed: false }))).toMatch(
      /^app-not-ours: The app my-branch is not removed/,
    );
  });

  test('never proposes to destroy an app that is not removed', () => {
    const app = stateOf('my-branch', { DOKKU_DEPLOY_OWNER: 'x' });
    const error = refusal(() => planReviewStop(context, { app }), 'remedy');
    expect(error).not.toContain('destroy');
  });

  test('refuses a deployed app without configuration', () => {
    expect(refusal(() => planReviewStop(context, { app: stateOf('my-branch', {}), deployed: true }))).toMatch(
      /^app-not-ours/,
    );
  });
});

test('review stop asks one question, and a second one only about an app without any configuration', () => {
  const words = (hostState: Parameters<typeof openQuestions>[1]) =>
    openQuestions(context, hostState).map(({ command }) => command.words.join(' '));
  expect(words({})).toEqual(['config:export --format json my-branch']);
  expect(words({ app: marked() })).toEqual([]);
  expect(words({ app: stateOf('my-branch', {}) })).toEqual(['ps:report my-branch --deployed']);
});
