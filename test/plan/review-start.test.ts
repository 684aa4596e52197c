import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { emptyHostState, type HostState, readAppState } from '../../src/plan/host-state.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { formatPlan } from '../../src/plan/text.ts';
import { aContext, database, makeVault } from '../support/context.ts';

const context = aContext({
  services: [database(), { plugin: 'redis', name: 'my-branch-redis', env: {} }],
  config: ['MYSQL_DATABASE_SCHEME', 'RAILS_ENV'],
  vault: makeVault({ MYSQL_DATABASE_SCHEME: 'mysql2', RAILS_ENV: 'production' }),
});

const marker =
  'format=v1&id=42&project=group%2Fshop&ref=my-branch&environment=review%2Fmy-branch&services=mysql%3Amy-branch-database%2Credis%3Amy-branch-redis';

const complete = {
  DOKKU_DEPLOY_REVIEW: marker,
  DOKKU_DEPLOY_COMMIT: context.source.commit as string,
  MYSQL_DATABASE_SCHEME: 'mysql2',
  RAILS_ENV: 'production',
  DATABASE_URL: 'mysql2://mysql:secret@dokku-mysql-my-branch-database:3306/my_branch_database',
  REDIS_URL: 'redis://:secret@dokku-redis-my-branch-redis:6379',
};

const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
  } catch (error) {
    return error instanceof DeployError ? error.code : `bug: ${String(error)}`;
  }
  return undefined;
};

describe('the plan of review start', () => {
  test('creates everything on an empty host: the marker before the services that it names, the links one at a time', () => {
    expect(formatPlan(planReviewStart(context, emptyHostState(context)))).toMatchInlineSnapshot(`
      "Plan of review start for the app my-branch on an empty host (no host was asked): 7 steps
        1. Create the app my-branch
           apps:create my-branch
        2. Configure my-branch: MYSQL_DATABASE_SCHEME, RAILS_ENV
           --quiet config:import --format json --no-restart my-branch - < {MYSQL_DATABASE_SCHEME, RAILS_ENV, DOKKU_DEPLOY_REVIEW, DOKKU_DEPLOY_COMMIT}
           after: create-app
        3. Create the mysql service my-branch-database
           mysql:create my-branch-database
           after: create-app, configure
        4. Create the redis service my-branch-redis
           redis:create my-branch-redis
           after: create-app, configure
        5. Link my-branch-database to my-branch
           mysql:link my-branch-database my-branch --no-restart
           after: create-mysql-my-branch-database, configure
        6. Link my-branch-redis to my-branch
           redis:link my-branch-redis my-branch --no-restart
           after: create-redis-my-branch-redis, link-mysql-my-branch-database
        7. Deploy 01234567 to my-branch
           git-receive-pack 'my-branch' 01234567 -> refs/heads/master
           after: create-app, configure, create-mysql-my-branch-database, create-redis-my-branch-redis, link-mysql-my-branch-database, link-redis-my-branch-redis
      "
    `);
  });

  test('contains no value of the configuration', () => {
    const secret = aContext({ config: ['TOKEN'], vault: makeVault({ TOKEN: 'hunter2-hunter2' }) });
    expect(JSON.stringify(planReviewStart(secret, emptyHostState(secret)))).not.toContain('hunter2');
  });

  test('only ships when everything else exists and the commit is recorded', () => {
    const plan = planReviewStart(context, {
      app: readAppState(complete),
      deployBranch: 'main',
      services: {},
    });
    expect(plan.steps.map(({ id }) => id)).toEqual(['deploy']);
    expect(plan.steps[0]).toMatchObject({ branch: 'main', rebuild: false, needs: [] });
  });

  test('records the commit of a second push without a new release', () => {
    const app = readAppState({ ...complete, DOKKU_DEPLOY_COMMIT: 'older' });
    const plan = planReviewStart(context, { app, deployBranch: 'master', services: {} });
    expect(plan.steps.map(({ id }) => id)).toEqual(['configure', 'deploy']);
    expect(plan.steps[0]?.title).toBe('Record the commit on my-branch');
    expect(plan.steps[0]).toMatchObject({
      command: { stdin: { DOKKU_DEPLOY_COMMIT: context.source.commit } },
    });
    expect(plan.steps[1]).toMatchObject({ rebuild: false });
  });

  test('requests a new release when a value has changed, even if the host has the commit', () => {
    const app = readAppState({ ...complete, RAILS_ENV: 'staging' });
    const plan = planReviewStart(context, { app, deployBranch: 'master', services: {} });
    expect(plan.steps.at(-1)).toMatchObject({ id: 'deploy', rebuild: true });
  });

  test('takes over an app that is empty and was never deployed', () => {
    const hostState: HostState = { ...emptyHostState(context), app: readAppState({}), deployed: false };
    const plan = planReviewStart(context, hostState);
    expect(plan.steps.map(({ id }) => id)).toContain('configure');
    expect(plan.steps.map(({ id }) => id)).not.toContain('create-app');
    expect(plan.notes).toEqual(['my-branch exists and is empty, left by an earlier run: it is taken over']);
  });

  test.each([
    ['has configuration but no marker', { app: readAppState({ A: '1' }), deployed: false }],
    ['was deployed', { app: readAppState({}), deployed: true }],
    [
      'belongs to another project',
      { app: readAppState({ DOKKU_DEPLOY_REVIEW: marker.replace('id=42', 'id=43') }) },
    ],
    [
      'belongs to another branch',
      { app: readAppState({ DOKKU_DEPLOY_REVIEW: marker.replace('ref=my-branch', 'ref=my_branch') }) },
    ],
    ['belongs to an environment', { app: readAppState({ DOKKU_DEPLOY_SERVICES: 'mysql:x' }) }],
    ['has a marker of a later format', { app: readAppState({ DOKKU_DEPLOY_REVIEW: 'format=v9' }) }],
  ])('refuses an app that %s', (_, facts) => {
    expect(codeOf(() => planReviewStart(context, { ...emptyHostState(context), ...facts }))).toBe(
      'app-not-ours',
    );
  });

  test('refuses a service that already exists', () => {
    const hostState: HostState = {
      ...emptyHostState(context),
      services: { 'mysql:my-branch-database': 'present', 'redis:my-branch-redis': 'absent' },
    };
    expect(codeOf(() => planReviewStart(context, hostState))).toBe('service-not-ours');
  });

  test('links a service that an earlier run created but did not link', () => {
    const { DATABASE_URL: _, ...unlinked } = complete;
    const hostState: HostState = {
      app: readAppState(unlinked),
      deployBranch: 'master',
      services: { 'mysql:my-branch-database': 'running' },
    };
    expect(planReviewStart(context, hostState).steps.map(({ id }) => id)).toEqual([
      'link-mysql-my-branch-database',
      'deploy',
    ]);
  });

  test('removes and recreates a service that an earlier run left half-made', () => {
    const { DATABASE_URL: _, ...unlinked } = complete;
    const hostState: HostState = {
      app: readAppState(unlinked),
      deployBranch: 'master',
      services: { 'mysql:my-branch-database': 'missing' },
    };
    const ids = planReviewStart(context, hostState).steps.map(({ id }) => id);
    expect(ids).toEqual([
      'clear-mysql-my-branch-database',
      'create-mysql-my-branch-database',
      'link-mysql-my-branch-database',
      'deploy',
    ]);
  });

  test('keeps naming a service that is no longer requested, so that review stop finds it', () => {
    const fewer = aContext({ ...context, services: [database()] });
    const plan = planReviewStart(fewer, { app: readAppState(complete), deployBranch: 'master' });
    expect(plan.notes).toEqual(['redis:my-branch-redis is no longer requested; review stop will remove it']);
    const values = plan.steps.find((step) => step.kind === 'configure')?.command.stdin ?? {};
    expect(values).toEqual({});
  });
});

describe('the questions of review start', () => {
  test('are two for an app that is complete', () => {
    expect(openQuestions(context, {}).map(({ command }) => command.words.join(' '))).toEqual([
      'config:export --format json my-branch',
      'git:report my-branch',
    ]);
    expect(openQuestions(context, { app: readAppState(complete), deployBranch: 'master' })).toEqual([]);
  });

  test('continue with the services when the app does not exist', () => {
    const open = openQuestions(context, { app: 'absent', deployBranch: 'master' });
    expect(open.map(({ command }) => command.words.join(' '))).toEqual([
      'mysql:exists my-branch-database',
      'redis:exists my-branch-redis',
    ]);
  });
});
