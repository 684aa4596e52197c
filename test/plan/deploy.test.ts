import { describe, expect, test } from 'vitest';
import { defaultProbe } from '../../src/context/probe.ts';
import type { Probe } from '../../src/context/probe-types.ts';
import { DeployError } from '../../src/errors.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import { emptyHostState, type HostState } from '../../src/plan/host-state.ts';
import { formatMarker } from '../../src/plan/marker.ts';
import { formatOwner, type Owner } from '../../src/plan/owner.ts';
import type { ConfigureStep, Plan } from '../../src/plan/plan.ts';
import { formatStepCommand } from '../../src/plan/text.ts';
import { stateOf } from '../support/app-state.ts';
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

/** An owner mark of the context's app; `more` is put over it. */
const owner = (more: Partial<Owner> = {}): string =>
  formatOwner({
    app: 'shop',
    projectId: '42',
    project: 'group/shop',
    environment: 'staging',
    ...more,
  });

describe('the plan of deploy', () => {
  test('creates a missing app with its services and writes no review marker', () => {
    const plan = planDeploy(context, emptyHostState(context));
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'create-app',
      'configure',
      'create-mysql-shop-database',
      'link-mysql-shop-database',
      'confirm',
      'deploy',
      'record',
    ]);
    expect(configured(plan)).toEqual({
      DOKKU_DEPLOY_OWNER: owner(),
      DOKKU_DEPLOY_SERVICES: 'mysql:shop-database',
    });
  });

  test('does not claim a service that an operator linked by hand', () => {
    const app = stateOf('shop', { DATABASE_URL: 'mysql://mysql:x@dokku-mysql-shop-database:3306/shop' });
    expect(configured(planDeploy(context, { app, deployBranch: 'main' }))).toEqual({
      DOKKU_DEPLOY_OWNER: owner(),
    });
  });

  test('creates a service that an earlier run named but did not create', () => {
    const app = stateOf('shop', { DOKKU_DEPLOY_SERVICES: 'mysql:shop-database' });
    const plan = planDeploy(context, {
      app,
      deployBranch: 'main',
      services: new Map([['mysql:shop-database', 'absent']] as const),
    });
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'configure',
      'create-mysql-shop-database',
      'link-mysql-shop-database',
      'confirm',
      'deploy',
      'record',
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
    const facts = {
      app: stateOf('shop', { A: '1' }),
      services: new Map([['mysql:shop-database', 'present']] as const),
    };
    expect(codeOf(() => planDeploy(context, facts))).toBe('service-not-ours');
  });

  test('refuses to deploy an environment to a review app, which review stop would destroy', () => {
    const marker = formatMarker({
      app: undefined,
      projectId: '42',
      project: 'group/shop',
      ref: 'shop',
      environment: undefined,
      services: [],
    });
    expect(codeOf(() => planDeploy(context, { app: stateOf('shop', { DOKKU_DEPLOY_REVIEW: marker }) }))).toBe(
      'app-not-ours',
    );
  });

  test.each([
    ['another environment', owner({ environment: 'production' }), /environment production of the project/],
    ['another project', owner({ projectId: '7', project: 'b/shop' }), /of the project b\/shop/],
    ['a copied mark', owner({ app: 'other' }), /has an owner mark that was not written for it/],
    ['a mark written by hand', 'me', /has an owner mark that was not written for it/],
  ])('refuses an app with %s, unless it takes it over', (_, mark, message) => {
    const app = stateOf('shop', { DOKKU_DEPLOY_OWNER: mark, A: '1' });
    const own = { ...context, services: [] };
    expect(() => planDeploy(own, { app })).toThrow(message);
    expect(codeOf(() => planDeploy(own, { app }))).toBe('app-not-ours');
    const plan = planDeploy({ ...own, takeOver: true }, { app });
    expect(configured(plan)).toMatchObject({ DOKKU_DEPLOY_OWNER: owner() });
    expect(plan.notes[0]).toMatch(/^shop is taken over: /);
  });

  test('recognizes its own app by the project’s id and the environment', () => {
    const app = stateOf('shop', { DOKKU_DEPLOY_OWNER: owner({ project: 'group/old-name' }) });
    const plan = planDeploy({ ...context, services: [] }, { app });
    expect(plan.notes).toEqual([]);
    expect(configured(plan)).toMatchObject({ DOKKU_DEPLOY_OWNER: owner() });
  });

  test('adopts an app without an owner, and says so', () => {
    const plan = planDeploy({ ...context, services: [] }, { app: stateOf('shop', { A: '1' }) });
    expect(plan.notes).toEqual([
      'shop had no owner; from now on it belongs to the environment staging of the project group/shop',
    ]);
  });

  test('lets an environment claim an app that its project deployed without one, and not the reverse', () => {
    const job = { ...context, services: [] };
    const claimed = stateOf('shop', { DOKKU_DEPLOY_OWNER: owner({ environment: undefined }) });
    expect(configured(planDeploy(job, { app: claimed }))).toMatchObject({ DOKKU_DEPLOY_OWNER: owner() });
    const app = stateOf('shop', { DOKKU_DEPLOY_OWNER: owner() });
    expect(codeOf(() => planDeploy({ ...job, environment: undefined }, { app }))).toBe('app-not-ours');
  });

  test('never destroys a service, whatever its state', () => {
    const app = stateOf('shop', { DOKKU_DEPLOY_SERVICES: 'mysql:shop-database' });
    const attempts = (['absent', 'running', 'stopped', 'missing', 'unfinished', 'hollow'] as const).map(
      (state) => {
        const services = new Map([['mysql:shop-database', state]]);
        try {
          return planDeploy(context, { app, services }).steps.map(formatStepCommand).join('\n');
        } catch (error) {
          return `${(error as DeployError).code}: ${(error as DeployError).remedy}`;
        }
      },
    );
    expect(attempts.filter((text) => /^\S+:destroy/m.test(text))).toEqual([]);
    expect(attempts[2]).toMatch(/^service-not-running: .*dokku mysql:start shop-database/);
    expect(attempts[2]).toContain('dokku mysql:link shop-database shop --no-restart');
    expect(attempts[5]).toMatch(/^service-not-running: deploy never removes a service/);
  });

  test('unlinks a service of its own that another one replaces, and keeps one that nothing replaces', () => {
    const app = stateOf('shop', {
      DOKKU_DEPLOY_OWNER: owner(),
      DOKKU_DEPLOY_SERVICES: 'postgres:shop-database',
      DATABASE_URL: 'postgres://postgres:x@dokku-postgres-shop-database:5432/shop_database',
    });
    const services = new Map([['mysql:shop-database', 'absent']] as const);
    const plan = planDeploy(context, { app, services });
    expect(plan.steps.map(formatStepCommand)).toEqual([
      'postgres:unlink shop-database shop --no-restart',
      'config:unset --no-restart shop DATABASE_URL',
      expect.stringMatching(/DOKKU_DEPLOY_SERVICES/),
      'mysql:create shop-database',
      'mysql:link shop-database shop --no-restart',
      'config:export --format json shop',
      expect.stringMatching(/^git-receive-pack/),
      expect.stringMatching(/DOKKU_DEPLOY_COMMIT/),
    ]);
    expect(configured(plan)).toMatchObject({
      DOKKU_DEPLOY_SERVICES: 'postgres:shop-database,mysql:shop-database',
    });
    expect(plan.notes).toEqual(['postgres:shop-database is no longer requested; it is unlinked and kept']);
    const without = planDeploy({ ...context, services: [] }, { app });
    expect(without.steps.map(({ id }) => id)).toEqual(['deploy', 'record']);
  });

  test('ends with a request to the app, unless that is turned off', () => {
    const last = (probe: Probe | undefined) => {
      const steps = planDeploy({ ...context, probe }, emptyHostState(context)).steps;
      return steps.map(formatStepCommand).at(-1);
    };
    expect(last(defaultProbe)).toBe('GET the URL of shop');
    const connect = { host: '192.0.2.1', port: 81 };
    expect(last({ ...defaultProbe, path: '/health', status: [200, 204], text: 'ok', connect })).toBe(
      'GET /health of shop at 192.0.2.1:81 -> 200 or 204 with a text',
    );
    expect(last(undefined)).toMatch(/^--quiet config:import/);
  });

  test('refuses a missing app with --no-create', () => {
    const strict = aContext({ ...context, createMissing: false });
    expect(codeOf(() => planDeploy(strict, emptyHostState(strict)))).toBe('host-refused');
  });

  test('refuses to go back to an older commit unless the job allows it, which is then a warning', () => {
    const app = stateOf('shop', {
      DOKKU_DEPLOY_COMMIT: 'f'.repeat(40),
      DOKKU_DEPLOY_COMMITTED_AT: '2026-11-03T12:00:00.000Z',
    });
    const plain = {
      ...context,
      services: [],
      source: { ...context.source, committedAt: '2026-11-02T12:00:00.000Z' },
    };
    expect(codeOf(() => planDeploy(plain, { app, order: 'older' }))).toBe('older-commit');
    expect(planDeploy({ ...plain, allowOlder: true }, { app, order: 'older' }).warnings).toEqual([
      'this is a rollback: shop runs ffffffff of 2026-11-03T12:00:00.000Z, and the commit of this job, 01234567 of 2026-11-02T12:00:00.000Z, is older',
    ]);
  });

  test.each(['same', 'newer', 'unrelated', 'unknown', undefined] as const)(
    'deploys a commit that is %s, without a warning',
    (order) => {
      const app = stateOf('shop', { DOKKU_DEPLOY_COMMIT: 'f'.repeat(40) });
      const plan = planDeploy({ ...context, services: [] }, { app, ...(order && { order }) });
      expect(plan.warnings).toEqual([]);
    },
  );

  test('has the host looked at again before the push, unless nothing precedes it and no build is running', () => {
    const bare = { ...context, services: [] };
    const first = planDeploy(bare, emptyHostState(bare));
    const marks = Object.fromEntries(
      Object.entries(configured(first) ?? {}).map(([key, value]) => [key, String(value)]),
    );
    const app = stateOf('shop', marks);
    const checks = (hostState: HostState) =>
      planDeploy(bare, hostState).steps.flatMap((step) => (step.kind === 'ship' ? [step.checkFirst] : []));
    expect(checks({ app, isBuilding: false })).toEqual([false]);
    expect(checks({ app, isBuilding: true })).toEqual([true]);
    expect(checks({ app })).toEqual([true]);
    expect(checks({ app: 'absent', isBuilding: false })).toEqual([true]);
  });
});
