import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/dokku/command.ts';
import { DeployError } from '../../src/errors.ts';
import { emptyHostState, type HostState, type ServiceState } from '../../src/plan/host-state.ts';
import { formatOwner } from '../../src/plan/owner.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { formatPlan, formatStepCommand } from '../../src/plan/text.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext, database, makeVault } from '../support/context.ts';

const context = aContext({
  services: [database(), { plugin: 'redis', name: 'my-branch-redis', env: {} }],
  config: ['MYSQL_DATABASE_SCHEME', 'RAILS_ENV'],
  vault: makeVault({ MYSQL_DATABASE_SCHEME: 'mysql2', RAILS_ENV: 'production' }),
});

const marker =
  'format=v2&id=42&project=group%2Fshop&ref=my-branch&environment=review%2Fmy-branch&app=my-branch&services=mysql%3Amy-branch-database%2Credis%3Amy-branch-redis';

const owner = formatOwner({
  app: 'my-branch',
  projectId: '42',
  project: 'group/shop',
  environment: 'production',
});

const complete = {
  DOKKU_DEPLOY_REVIEW: marker,
  DOKKU_DEPLOY_KEYS: 'MYSQL_DATABASE_SCHEME,RAILS_ENV',
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
      "Plan of review start for the app my-branch on an empty host (no host was asked): 9 steps
        1. Create the app my-branch
           apps:create my-branch
        2. Configure my-branch: MYSQL_DATABASE_SCHEME, RAILS_ENV
           --quiet config:import --format json --no-restart my-branch - < {MYSQL_DATABASE_SCHEME, RAILS_ENV, DOKKU_DEPLOY_REVIEW, DOKKU_DEPLOY_KEYS}
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
        7. Check the configuration of my-branch
           config:export --format json my-branch
           after: link-redis-my-branch-redis
        8. Deploy 01234567 to my-branch
           git-receive-pack 'my-branch' 01234567 -> refs/heads/master
           after: create-app, configure, create-mysql-my-branch-database, create-redis-my-branch-redis, link-mysql-my-branch-database, link-redis-my-branch-redis, confirm
        9. Record the commit on my-branch
           --quiet config:import --format json --no-restart my-branch - < {DOKKU_DEPLOY_COMMIT, DOKKU_DEPLOY_COMMITTED_AT, DOKKU_DEPLOY_REVISION, DOKKU_DEPLOY_URL, DOKKU_DEPLOY_BASE}
           after: deploy
      "
    `);
  });

  test('contains no value of the configuration', () => {
    const secret = aContext({ config: ['TOKEN'], vault: makeVault({ TOKEN: 'hunter2-hunter2' }) });
    expect(JSON.stringify(planReviewStart(secret, emptyHostState(secret)))).not.toContain('hunter2');
  });

  test('only ships, and records the commit afterwards, when everything else exists', () => {
    const plan = planReviewStart(context, {
      app: stateOf('my-branch', complete),
      deployBranch: 'main',
      services: new Map(),
    });
    expect(plan.steps.map(({ id }) => id)).toEqual(['deploy', 'record']);
    expect(plan.steps[0]).toMatchObject({ branch: 'main', rebuild: false, needs: [] });
  });

  test('requests a new release when a value has changed, even if the host has the commit', () => {
    const app = stateOf('my-branch', { ...complete, RAILS_ENV: 'staging' });
    const plan = planReviewStart(context, { app, deployBranch: 'master', services: new Map() });
    expect(plan.steps.at(-2)).toMatchObject({ id: 'deploy', rebuild: true });
  });

  test('takes over an app that is empty and was never deployed', () => {
    const hostState: HostState = {
      ...emptyHostState(context),
      app: stateOf('my-branch', {}),
      findings: [],
    };
    const plan = planReviewStart(context, hostState);
    expect(plan.steps.map(({ id }) => id)).toContain('configure');
    expect(plan.steps.map(({ id }) => id)).not.toContain('create-app');
    expect(plan.notes).toEqual(['my-branch exists and is empty, left by an earlier run: it is taken over']);
  });

  test('takes over an empty app on a host without a global domain, where apps:create sets NO_VHOST', () => {
    const app = stateOf('my-branch', { NO_VHOST: '1' });
    const plan = planReviewStart(context, { ...emptyHostState(context), app, findings: [] });
    expect(plan.notes).toEqual(['my-branch exists and is empty, left by an earlier run: it is taken over']);
  });

  test('takes over an app without an owner on request only, and never one that has an owner', () => {
    const taking = { ...context, takeOver: true };
    const stateOfApp = (config: Readonly<Record<string, string>>): HostState => ({
      ...emptyHostState(context),
      app: stateOf('my-branch', config),
      findings: [],
    });
    const byHand = stateOfApp({ A: '1' });
    expect(planReviewStart(taking, byHand).notes).toEqual([
      'my-branch is taken over: it had no owner; from now on it is the review app of my-branch of group/shop, which review stop removes',
    ]);
    expect(() => planReviewStart(context, byHand)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('--app my-branch --take-over') }),
    );
    const owner = 'format=v2&id=42&project=group%2Fshop&environment=production&app=my-branch';
    for (const config of [
      { DOKKU_DEPLOY_OWNER: owner },
      { DOKKU_DEPLOY_REVIEW: 'another format' },
      { DOKKU_DEPLOY_REVIEW: marker.replace('id=42', 'id=43') },
      { DOKKU_DEPLOY_COMMIT: 'a'.repeat(40), A: '1' },
    ])
      expect(() => planReviewStart(taking, stateOfApp(config))).toThrow(
        expect.objectContaining({ code: 'app-not-ours', remedy: expect.not.stringContaining('--take-over') }),
      );
  });

  test('takes over what a failed removal left of an app', () => {
    const app = stateOf('my-branch', {});
    const findings = [{ kind: 'set', setting: 'a deployed version' }, { kind: 'half-removed' }] as const;
    const plan = planReviewStart(context, { ...emptyHostState(context), app, findings });
    expect(plan.notes).toEqual(['my-branch is what a failed removal left: it is taken over']);
  });

  test('names what was set up on an app that it refuses', () => {
    const findings = [{ kind: 'set', setting: 'the domain shop.example.com' }] as const;
    const hostState = { ...emptyHostState(context), app: stateOf('my-branch', {}), findings };
    expect(() => planReviewStart(context, hostState)).toThrow(
      'The app my-branch exists on the host and is not a review app: it has no marker of dokku-deploy, and has the domain shop.example.com.',
    );
  });

  test.each([
    ['has configuration but no marker', { app: stateOf('my-branch', { A: '1' }), findings: [] }],
    [
      'was deployed',
      { app: stateOf('my-branch', {}), findings: [{ kind: 'set', setting: 'a deployed version' }] },
    ],
    ['has no domain', { app: stateOf('my-branch', {}), findings: [{ kind: 'no-domain' }] }],
    [
      'belongs to another project',
      { app: stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker.replace('id=42', 'id=43') }) },
    ],
    [
      'belongs to another branch',
      {
        app: stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker.replace('ref=my-branch', 'ref=my_branch') }),
      },
    ],
    ['belongs to an environment', { app: stateOf('my-branch', { DOKKU_DEPLOY_OWNER: owner }) }],
    ['an earlier version deployed', { app: stateOf('my-branch', { DOKKU_DEPLOY_SERVICES: 'mysql:x' }) }],
    [
      'has its marker and belongs to an environment',
      { app: stateOf('my-branch', { ...complete, DOKKU_DEPLOY_OWNER: 'forged' }) },
    ],
    [
      'has the marker of an app that it was copied from',
      { app: stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker.replace('app=my-branch', 'app=other') }) },
    ],
    [
      'has a marker that someone wrote by hand',
      { app: stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker.replace('%2C', ',') }) },
    ],
    ['has a marker of a later format', { app: stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: 'format=v9' }) }],
  ] satisfies [string, HostState][])('refuses an app that %s', (_, facts) => {
    expect(codeOf(() => planReviewStart(context, { ...emptyHostState(context), ...facts }))).toBe(
      'app-not-ours',
    );
  });

  test('refuses a service that already exists', () => {
    const hostState: HostState = {
      ...emptyHostState(context),
      services: new Map([
        ['mysql:my-branch-database', 'present'],
        ['redis:my-branch-redis', 'absent'],
      ]),
    };
    expect(codeOf(() => planReviewStart(context, hostState))).toBe('service-not-ours');
  });

  test('links a service that an earlier run created but did not link', () => {
    const { DATABASE_URL: _, ...unlinked } = complete;
    const hostState: HostState = {
      app: stateOf('my-branch', unlinked),
      deployBranch: 'master',
      services: new Map([['mysql:my-branch-database', 'running']]),
    };
    expect(planReviewStart(context, hostState).steps.map(({ id }) => id)).toEqual([
      'link-mysql-my-branch-database',
      'confirm',
      'deploy',
      'record',
    ]);
  });

  test('starts a stopped service of its own and links it: its data is kept', () => {
    expect(stepsFor('stopped')).toEqual([
      'mysql:start my-branch-database',
      'mysql:link my-branch-database my-branch --no-restart',
      'config:export --format json my-branch',
    ]);
  });

  test('completes a service whose creation failed, without removing its data', () => {
    expect(stepsFor('unfinished')).toEqual([
      'mysql:stop my-branch-database',
      'mysql:start my-branch-database',
      'mysql:link my-branch-database my-branch --no-restart',
      'config:export --format json my-branch',
    ]);
  });

  test('removes and recreates a service only if it never got a password', () => {
    expect(stepsFor('hollow')).toEqual([
      'mysql:destroy my-branch-database --force',
      'mysql:create my-branch-database',
      'mysql:link my-branch-database my-branch --no-restart',
      'config:export --format json my-branch',
    ]);
  });

  test('unlinks a service that is no longer requested before it links the new one, and keeps naming it', () => {
    const other = aContext({ ...context, services: [database(), database('my-branch-pg', 'postgres')] });
    const plan = planReviewStart(other, {
      app: stateOf('my-branch', complete),
      services: new Map([['postgres:my-branch-pg', 'absent']]),
    });
    expect(plan.steps.map(({ id, needs }) => [id, needs])).toEqual([
      ['unlink-redis-my-branch-redis', []],
      ['unset', ['unlink-redis-my-branch-redis']],
      ['configure', ['unset']],
      ['create-postgres-my-branch-pg', ['configure']],
      ['link-postgres-my-branch-pg', ['create-postgres-my-branch-pg', 'configure']],
      ['confirm', ['link-postgres-my-branch-pg']],
      ['deploy', expect.anything()],
      ['record', ['deploy']],
    ]);
    expect(plan.steps[1]).toMatchObject({
      command: { words: ['config:unset', '--no-restart', 'my-branch', 'REDIS_URL'] },
    });
    expect(markerOf(plan)).toContain('redis%3Amy-branch-redis');
    expect(plan.notes).toEqual([
      'redis:my-branch-redis is no longer requested; its data is kept until review stop removes it',
    ]);
    expect(plan.steps.at(-2)).toMatchObject({ rebuild: true });
  });

  test('rewrites a marker of an earlier version, without a new release', () => {
    const old = marker.replace('v2', 'v1').replace('&app=my-branch', '');
    const app = stateOf('my-branch', { ...complete, DOKKU_DEPLOY_REVIEW: old });
    const plan = planReviewStart(context, { app });
    expect(markerOf(plan)).toBe(marker);
    expect(plan.steps.at(-2)).toMatchObject({ rebuild: false });
  });

  test('keeps the project’s id in the marker when a run outside GitLab does not know it', () => {
    const local = aContext({ ...context, project: { id: undefined, path: 'group/shop' }, services: [] });
    const plan = planReviewStart(local, { app: stateOf('my-branch', { ...complete, A: '1' }) });
    expect(markerOf(plan) ?? marker).toContain('id=42');
  });

  test('removes a key that has left env, and no other', () => {
    const app = stateOf('my-branch', {
      ...complete,
      DOKKU_DEPLOY_KEYS: 'DEBUG,GONE,MYSQL_DATABASE_SCHEME,RAILS_ENV,REDIS_URL',
      DEBUG: '1',
      BY_HAND: 'kept',
    });
    const plan = planReviewStart(context, { app });
    expect(plan.steps[0]).toMatchObject({
      title: 'Remove DEBUG from the configuration of my-branch',
      command: { words: ['config:unset', '--no-restart', 'my-branch', 'DEBUG'] },
    });
    expect(plan.steps[1]).toMatchObject({
      needs: ['unset'],
      command: { stdin: { DOKKU_DEPLOY_KEYS: 'MYSQL_DATABASE_SCHEME,RAILS_ENV' } },
    });
    expect(plan.steps.at(-2)).toMatchObject({ rebuild: true });
  });
});

const markerOf = (plan: Plan): Value | undefined =>
  plan.steps.find((step) => step.kind === 'configure')?.command.stdin?.DOKKU_DEPLOY_REVIEW;

/** The commands for a database of the app that is not linked and is in this state. */
const stepsFor = (state: ServiceState): string[] => {
  const { DATABASE_URL: _, ...unlinked } = complete;
  const { steps } = planReviewStart(context, {
    app: stateOf('my-branch', unlinked),
    deployBranch: 'master',
    services: new Map([['mysql:my-branch-database', state]]),
  });
  return steps.slice(0, -2).map(formatStepCommand);
};

describe('the questions of review start', () => {
  test('are five for an app that is complete', () => {
    expect(openQuestions(context, {}).map(({ command }) => command.words.join(' '))).toEqual([
      'config:export --format json my-branch',
      'git:report my-branch',
      'apps:report my-branch',
      'builds:list my-branch --status running --format json',
      'domains:report my-branch --domains-app-vhosts',
    ]);
    expect(openQuestions(context, { app: stateOf('my-branch', complete), deployBranch: 'master' })).toEqual(
      [],
    );
  });

  test('continue with the services when the app does not exist', () => {
    const open = openQuestions(context, { app: 'absent', deployBranch: 'master' });
    expect(open.map(({ command }) => command.words.join(' '))).toEqual([
      'mysql:exists my-branch-database',
      'redis:exists my-branch-redis',
    ]);
  });
});
