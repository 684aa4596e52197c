import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { DeployError } from '../../src/errors.ts';
import { emptyHostState, type HostState } from '../../src/plan/host-state.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext, database, makeVault } from '../support/context.ts';

const production = 'postgres://u:p@dokku-postgres-shop-database:5432/shop';
const marker = 'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=my-branch&services=';

const pasted = aContext({ config: ['DATABASE_URL'], vault: makeVault({ DATABASE_URL: production }) });

const outcomeOf = (context: Context, hostState: HostState): string => {
  try {
    planReviewStart(context, hostState);
    return 'planned';
  } catch (error) {
    return error instanceof DeployError ? `${error.code}: ${error.message}` : String(error);
  }
};

const refusal =
  'service-not-ours: DATABASE_URL of the review app my-branch leads to postgres:shop-database, which is not its own service.';

describe('a review app with a URL of another app’s service', () => {
  test('is refused if the URL comes from env', () => {
    expect(outcomeOf(pasted, emptyHostState(pasted))).toBe(refusal);
  });

  test('is refused if the URL is on the app, after the host was asked which services are linked', () => {
    const context = aContext();
    const app = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker, DATABASE_URL: production });
    const [question, ...more] = openQuestions(context, { app });
    expect([question?.command.words, more]).toEqual([['postgres:app-links', 'my-branch'], []]);
    const asked = question?.read({ kind: 'answered', stdout: '\n', stderr: '' });
    expect(outcomeOf(context, { app, ...asked })).toBe(refusal);
  });

  test('is accepted if an operator linked the service to the app', () => {
    const app = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker, DATABASE_URL: production });
    const appLinks = new Map([['postgres', ['other', 'shop_database']]]);
    expect(outcomeOf(aContext(), { app, appLinks })).toBe('planned');
  });

  test('is accepted if the host has no such plugin: the name leads nowhere there', () => {
    const [question] = openQuestions(pasted, { app: 'absent' });
    const stderr = ' !     `postgres:app-links my-branch` is not a dokku command.\n';
    const asked = question?.read({ kind: 'refused', exit: 1, stdout: '', stderr });
    expect(outcomeOf(pasted, { app: 'absent', ...asked })).toBe('planned');
  });

  test('is accepted if the URL has left env: it is removed from the app', () => {
    const app = stateOf('my-branch', {
      DOKKU_DEPLOY_REVIEW: marker,
      DOKKU_DEPLOY_KEYS: 'DATABASE_URL',
      DATABASE_URL: production,
    });
    const context = aContext();
    expect(openQuestions(context, { app })).toEqual([]);
    expect(planReviewStart(context, { app }).steps[0]?.title).toContain('Remove DATABASE_URL');
  });

  test('is not asked about for its own services, nor for an environment', () => {
    const url = 'mysql://mysql:x@dokku-mysql-my-branch-database:3306/my_branch_database';
    const own = aContext({ services: [database()] });
    const app = stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker, DATABASE_URL: url });
    expect(openQuestions(own, { app })).toEqual([]);
    const environment = aContext({ ...pasted, command: 'deploy', target: 'environment' });
    expect(openQuestions(environment, { app: 'absent' })).toEqual([]);
  });
});
