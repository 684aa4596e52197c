import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import { emptyHostState, readAppState } from '../../src/plan/host-state.ts';
import { formatMarker } from '../../src/plan/marker.ts';
import type { ConfigureStep, Plan } from '../../src/plan/plan.ts';
import { aContext, database } from '../support/context.ts';

const context = aContext({
  command: 'deploy',
  ref: 'main',
  environment: 'staging',
  app: 'shop',
  services: [database('shop-database')],
});

test('each service’s steps get ids of their own, made of the letters that a log section’s name may contain', () => {
  const names = ['shop-db', 'shop_db', 'shop_DB', 'shop__db', 'shop-_db', 'shop-d_b', 'shop-DB'];
  const services = [...names.map((name) => database(name)), database('shop-db', 'redis')];
  const many = { ...context, services };
  const ids = planDeploy(many, emptyHostState(many)).steps.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z0-9.-]+$/.test(id))).toEqual([]);
});

test('a link waits for its own service, not for another plugin’s service of the same name', () => {
  const many = { ...context, services: [database('shop'), database('shop', 'redis')] };
  const { steps } = planDeploy(many, emptyHostState(many));
  expect(steps.find(({ id }) => id === 'link-redis-shop')?.needs).toEqual([
    'create-redis-shop',
    'link-mysql-shop',
  ]);
});

const configured = (plan: Plan) =>
  plan.steps.find((step): step is ConfigureStep => step.kind === 'configure')?.command.stdin;

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof DeployError ? error.code : String(error);
  }
  return 'none';
};

describe('the plan of deploy', () => {
  test('creates a missing app with its services and writes no review marker', () => {
    const plan = planDeploy(context, emptyHostState(context));
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'create-app',
      'configure',
      'create-mysql-shop-database',
      'link-mysql-shop-database',
      'deploy',
    ]);
    expect(configured(plan)).toEqual({
      DOKKU_DEPLOY_SERVICES: 'mysql:shop-database',
      DOKKU_DEPLOY_COMMIT: context.source.commit,
    });
  });

  test('does not claim a service that an operator linked by hand', () => {
    const app = readAppState({ DATABASE_URL: 'mysql://mysql:x@dokku-mysql-shop-database:3306/shop' });
    expect(configured(planDeploy(context, { app, deployBranch: 'main' }))).toEqual({
      DOKKU_DEPLOY_COMMIT: context.source.commit,
    });
  });

  test('creates a service that an earlier run named but did not create', () => {
    const app = readAppState({ DOKKU_DEPLOY_SERVICES: 'mysql:shop-database' });
    const plan = planDeploy(context, {
      app,
      deployBranch: 'main',
      services: { 'mysql:shop-database': 'absent' },
    });
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'configure',
      'create-mysql-shop-database',
      'link-mysql-shop-database',
      'deploy',
    ]);
    expect(plan.steps[1]).toMatchObject({ markerWithoutService: undefined });
  });

  test('removes the service’s name from the marker when someone else creates it in the meantime', () => {
    const plan = planDeploy(context, emptyHostState(context));
    expect(plan.steps[2]).toMatchObject({
      markerWithoutService: { command: { stdin: { DOKKU_DEPLOY_SERVICES: '' } } },
    });
  });

  test('refuses a service that exists and is not linked', () => {
    const facts = { app: readAppState({ A: '1' }), services: { 'mysql:shop-database': 'present' } };
    expect(codeOf(() => planDeploy(context, facts))).toBe('service-not-ours');
  });

  test('refuses to deploy an environment to a review app, which review stop would destroy', () => {
    const marker = formatMarker({
      projectId: '42',
      project: 'group/shop',
      ref: 'shop',
      environment: undefined,
      services: [],
    });
    expect(codeOf(() => planDeploy(context, { app: readAppState({ DOKKU_DEPLOY_REVIEW: marker }) }))).toBe(
      'app-not-ours',
    );
  });

  test('refuses a missing app with --no-create', () => {
    const strict = aContext({ ...context, createMissing: false });
    expect(codeOf(() => planDeploy(strict, emptyHostState(strict)))).toBe('host-refused');
  });

  test('refuses to go back to an older commit without --allow-older', () => {
    const app = readAppState({
      DOKKU_DEPLOY_COMMIT: 'newer',
      DOKKU_DEPLOY_COMMITTED_AT: '2026-11-03T12:00:00.000Z',
    });
    const older = {
      ...context,
      services: [],
      source: { ...context.source, committedAt: '2026-11-02T12:00:00.000Z' },
    };
    expect(codeOf(() => planDeploy(older, { app }))).toBe('older-commit');
    expect(codeOf(() => planDeploy({ ...older, allowOlder: true }, { app }))).toBe('none');
    const later = { ...older, source: { ...older.source, committedAt: '2026-11-04T12:00:00.000Z' } };
    expect(codeOf(() => planDeploy(later, { app }))).toBe('none');
  });
});
