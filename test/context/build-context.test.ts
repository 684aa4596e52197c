import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readHostAddress } from '../../src/access/host-address.ts';
import { readAppJson } from '../../src/context/app-json.ts';
import { buildContext } from '../../src/context/build-context.ts';
import type { Context } from '../../src/context/context.ts';
import type { Flags } from '../../src/context/flags.ts';
import type { CommandName } from '../../src/context/target.ts';
import { checkValue, expandVariables } from '../../src/context/values.ts';
import type { JobInput } from '../../src/environment/job-input.ts';
import { readVariables } from '../../src/environment/variables.ts';
import { emptyHostState, readAppState } from '../../src/plan/host-state.ts';
import type { ConfigureStep } from '../../src/plan/plan.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { planReviewStop } from '../../src/plan/review-stop.ts';
import { quoteValue } from '../../src/problems.ts';
import { createMask } from '../../src/secret.ts';

interface Files {
  readonly yml?: string;
  readonly appJson?: string;
}

const givenOf = (env: Record<string, string>, { yml, appJson }: Files = {}): JobInput => ({
  variables: readVariables(env),
  contents: {},
  env,
  empty: new Set(),
  folder: '/project',
  checkout: { branch: undefined, project: 'project' },
  configuration: yml === undefined ? undefined : { path: '.dokku-deploy.yml', text: yml },
  appJson: appJson === undefined ? undefined : { path: 'app.json', text: appJson },
  appYml: undefined,
  unreadable: [],
});

const job = {
  CI_COMMIT_REF_NAME: 'feature/x',
  CI_COMMIT_REF_SLUG: 'feature-x',
  CI_PROJECT_NAME: 'shop',
  CI_PROJECT_PATH: 'group/shop',
};

interface Asked {
  readonly command?: CommandName;
  readonly env?: Record<string, string>;
  readonly flags?: Flags;
  readonly files?: Files;
}

const contextOf = ({ command = 'review start', env = {}, flags = {}, files }: Asked): Promise<Context> =>
  buildContext({
    command,
    flags: { hostRequirement: 'none', ...flags },
    jobInput: givenOf({ ...job, ...env }, files),
  });

const servicesOf = async (asked: Asked) =>
  (await contextOf(asked)).services.map(
    ({ plugin, name, as }) => `${plugin}:${name}${as ? ` as ${as}` : ''}`,
  );

describe('services', () => {
  test.each([
    ['the only database', 'services: [mysql]', ['mysql:feature-x-database']],
    [
      'a database and a cache',
      'services: [postgres, redis]',
      ['postgres:feature-x-database', 'redis:feature-x-redis'],
    ],
    [
      'two databases',
      'services: [postgres, mysql]',
      ['postgres:feature-x-postgres', 'mysql:feature-x-mysql'],
    ],
    ['two of one kind', 'services: [redis, redis]', ['redis:feature-x-redis', 'redis:feature-x-redis-2']],
    ['a name of one’s own', 'services: [{type: redis, name: cache}]', ['redis:feature-x-cache']],
    [
      'a name with variables',
      'services: [{type: redis, name: "$APP-$CI_PROJECT_NAME"}]',
      ['redis:feature-x-shop'],
    ],
    [
      'the review’s own over the top',
      'services: [mysql]\nreview: {services: [redis]}',
      ['redis:feature-x-redis'],
    ],
  ])('%s', async (_, yml, services) => {
    expect(await servicesOf({ files: { yml } })).toEqual(services);
  });

  test.each([
    ['services: [{type: mysql, name: shop_db}, {type: mysql, name: shop_db}]', 'mysql:shop_db'],
    ['services: [redis, redis, {type: redis, name: shop-redis-2}]', 'redis:shop-redis-2'],
  ])('twice in %s are refused', async (yml, label) => {
    await expect(contextOf({ command: 'deploy', files: { yml } })).rejects.toMatchObject({
      code: 'configuration',
      message: `.dokku-deploy.yml: services: ${label} is there more than once`,
    });
  });

  test('an environment’s name is taken as it stands', async () => {
    expect(
      await servicesOf({ command: 'deploy', files: { yml: 'services: [{type: mysql, name: live-db}]' } }),
    ).toEqual(['mysql:live-db']);
  });

  test.each([
    ['["dokku-mysql"]', ['mysql:feature-x-database']],
    ['["heroku-postgresql:mini", "heroku-redis"]', ['postgres:feature-x-database', 'redis:feature-x-redis']],
    ['[{"plan": "heroku-postgresql", "as": "FOLLOWER"}]', ['postgres:feature-x-database as FOLLOWER']],
    ['[{"plan": "heroku-postgresql:mini", "as": "DATABASE"}]', ['postgres:feature-x-database']],
  ])('app.json’s addons %s become services', async (addons, services) => {
    expect(await servicesOf({ files: { appJson: `{"addons": ${addons}}` } })).toEqual(services);
  });

  test('the configuration file comes in the place of app.json’s addons', async () => {
    expect(
      await servicesOf({ files: { yml: 'services: []', appJson: '{"addons": ["dokku-mysql"]}' } }),
    ).toEqual([]);
  });
});

describe('the app’s name', () => {
  test.each([
    [
      'the flag',
      { flags: { app: 'typed' }, files: { yml: 'app: filed' }, env: { DOKKU_APP: 'set' } },
      'typed',
    ],
    [
      'the environment’s block',
      {
        files: { yml: 'app: filed\nenvironments: {staging: {app: "shop-$CI_ENVIRONMENT_NAME"}}' },
        env: { CI_ENVIRONMENT_NAME: 'staging' },
      },
      'shop-staging',
    ],
    ['the file', { files: { yml: 'app: filed' }, env: { DOKKU_APP: 'set' } }, 'filed'],
    ['the variable', { env: { DOKKU_APP: 'set' } }, 'set'],
    ['the project', {}, 'shop'],
  ] as const)('of a deploy is that of %s', async (_, asked, name) => {
    expect((await contextOf({ command: 'deploy', ...asked })).app).toBe(name);
  });

  test('of a review app follows its template', async () => {
    const files = { yml: 'review: {name: "shop-$CI_COMMIT_REF_SLUG"}' };
    expect((await contextOf({ files })).app).toBe('shop-feature-x');
    expect((await contextOf({ command: 'review stop', files })).app).toBe('shop-feature-x');
  });

  test('of a review stop is found although the configuration file is broken', async () => {
    expect((await contextOf({ command: 'review stop', files: { yml: 'services: [' } })).app).toBe(
      'feature-x',
    );
  });
});

describe('a merge request of a fork, run in the project by a member', () => {
  const own = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_PROJECT_ID: '42' };
  const fromFork = {
    ...own,
    CI_MERGE_REQUEST_PROJECT_PATH: 'group/shop',
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'someone/shop',
  };
  const both = (files?: Files) =>
    Promise.all([own, fromFork].map((env) => contextOf({ env, ...(files && { files }) })));

  test('is another branch than the project’s own of that name, with an app of its own', async () => {
    expect((await both()).map(({ ref, app }) => [ref, app])).toEqual([
      ['fix', 'fix'],
      ['someone/shop:fix', 'someone-shop-fix'],
    ]);
  });

  test('has names of its own where the file makes them of the branch', async () => {
    const yml =
      'review: {name: "shop-$CI_COMMIT_REF_SLUG"}\nservices: [{type: redis, name: "$CI_COMMIT_REF_SLUG-cache"}]';
    expect((await both({ yml })).map(({ app, services }) => [app, services[0]?.name])).toEqual([
      ['shop-fix', 'fix-cache'],
      ['shop-someone-shop-fix', 'someone-shop-fix-cache'],
    ]);
  });

  test('neither takes over nor removes the project’s own app, whatever its name', async () => {
    const [start, fork] = await both();
    const plan = planReviewStart(start as Context, emptyHostState(start as Context));
    const made = plan.steps.find((step): step is ConfigureStep => step.kind === 'configure')?.command.stdin;
    const app = readAppState(made as Record<string, string>);
    const foreign = { ...(fork as Context), app: 'fix' };
    expect(() => planReviewStart(foreign, { ...emptyHostState(foreign), app })).toThrow(
      'is the review app of fix in',
    );
    expect(() => planReviewStop(foreign, { app })).toThrow('is the review app of fix in');
  });

  test('of the project itself is its own branch', async () => {
    const env = { ...fromFork, CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'group/shop' };
    expect(await contextOf({ env })).toMatchObject({ ref: 'fix', app: 'fix' });
  });
});

test('values take the job’s variables, the environment’s block wins, and the plan knows keys only', async () => {
  const yml =
    'env: {A: top, B: "$CI_PROJECT_NAME-$$1", N: 1.0, Z: true}\nenvironments: {staging: {env: {A: own}}}';
  const context = await contextOf({
    command: 'deploy',
    env: { CI_ENVIRONMENT_NAME: 'staging' },
    files: { yml },
  });
  const values = context.config.map((key) => [key, context.vault.get(`config.${key}`)?.reveal()]);
  expect(Object.fromEntries(values)).toEqual({ A: 'own', B: 'shop-$1', N: '1.0', Z: 'true' });
});

describe('what a run must not show', () => {
  const maskOf = async (yml: string, env: Record<string, string>) =>
    createMask((await contextOf({ files: { yml }, env })).vault.values());

  test('is a variable inside of a value too, by its own name', async () => {
    const mask = await maskOf('env: {DATABASE_URL: "mysql://me:$PW@db.example.com/shop"}', {
      PW: 'hunter2x',
    });
    expect(mask('using password hunter2x')).toBe('using password [PW]');
    expect(mask('at mysql://me:hunter2x@db.example.com/shop')).toBe('at [config.DATABASE_URL]');
  });

  test('is a variable in the environment of a service', async () => {
    const mask = await maskOf('services: [{type: mysql, env: {A: "x-$PW"}}]', { PW: 'hunter2x' });
    expect(mask('hunter2x')).toBe('[PW]');
  });

  test.each([
    'CI_REPOSITORY_URL',
    'CI_COMMIT_MESSAGE',
    'CI_MERGE_REQUEST_TITLE',
    'CI_DB_PASS',
    'CI_JOB_TOKEN',
  ])('is %s, although GitLab’s own begin like it', async (name) => {
    const mask = await maskOf(`env: {A: "$${name}"}`, { [name]: 'hunter2-hunter2' });
    expect(mask('it is hunter2-hunter2')).toBe('it is [config.A]');
  });

  test('is not what stands in the repository, in every URL or in the host’s name', async () => {
    const yml = 'env: {A: literally, B: "$CI_COMMIT_REF_SLUG", C: "https://$CI_PROJECT_NAME.$APPS_DOMAIN/"}';
    const mask = await maskOf(yml, { CI_PROJECT_NAME: 'boutique', APPS_DOMAIN: 'apps.example.com' });
    const url = 'https://boutique.apps.example.com/ literally feature-x';
    expect(mask(url)).toBe(url);
  });
});

test.each([
  ['semicolon', 'one;two'],
  ['line break', 'one\ntwo'],
])('a %s in the environment of a service is refused by its key, and not shown', async (what, value) => {
  const files = { yml: 'services: [{type: mysql, env: {CERT: "$CERT"}}]' };
  const refusal = contextOf({ files, env: { CERT: value } });
  await expect(refusal).rejects.toMatchObject({
    code: 'configuration',
    message: `.dokku-deploy.yml: services.env.CERT: has a ${what}, and the plugins take no value with one`,
  });
});

test('environments.review is put over app.json for a review app only, since Dokku knows no such key', async () => {
  const text =
    '{"env": {"A": "1", "B": "2"}, /* c */ "environments": {"review": {"env": {"B": "3"}, "scripts": {"postdeploy": "seed"}}},}';
  const review = await readAppJson({ path: 'app.json', text, review: true });
  expect(JSON.parse(review.reviewText ?? '')).toEqual({
    env: { A: '1', B: '3' },
    scripts: { postdeploy: 'seed' },
  });
  expect((await readAppJson({ path: 'app.json', text, review: false })).reviewText).toBeUndefined();
});

test.each([
  ['dokku.example.com', 'dokku', 'dokku.example.com', 22],
  ['dokku.example.com:2222', 'dokku', 'dokku.example.com', 2222],
  ['me@dokku', 'me', 'dokku', 22],
  ['ssh://dokku@dokku.example.com:22/', 'dokku', 'dokku.example.com', 22],
  ['[2001:db8::1]:2222', 'dokku', '2001:db8::1', 2222],
  ['me@[::1]', 'me', '::1', 22],
  [' 10.0.0.1\n', 'dokku', '10.0.0.1', 22],
])('the host %j', (text, user, host, port) => {
  expect(readHostAddress(text)).toEqual({ user, host, port });
});

test.each([
  '',
  'http://x',
  'a b',
  'x:0',
  'x:y',
  'dokku.example.com:app',
  '1.2.3',
  'a@b@c',
  'ssh://dokku:pw@h',
  'dokku:pw@h:22',
])('the host %j is none', (text) => {
  expect(readHostAddress(text)).toHaveProperty('problem');
});

describe('a problem shows of a wrong value', () => {
  test.each(['http://dokku', 'ssh://dokku@h x', 'h:1:2', 'é'.repeat(100)])('all of %j', (value) => {
    expect(quoteValue(value)).toBe(JSON.stringify(value));
  });

  test.each([
    ['a key of many lines', '-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjE\n'],
    ['a key in one line', 'b3BlbnNzaC1rZXktdjE'.repeat(6)],
    ['a URL with a password', 'https://me:p/w@h/x'],
    ['a password before a host', 'ssh://dokku:pw@h:22/path'],
  ])('nothing of %s', (_, value) => {
    expect(quoteValue(value)).toBe('it');
  });
});

test.each(['a\\', 'say "hi"', '007', '+48123456789', '-0', 'a\0b'])(
  'Dokku cannot keep the value %j',
  (value) => {
    expect(checkValue(value)).toBeDefined();
  },
);

test.each([
  '',
  'a"b',
  "it's",
  'C:\\dir',
  '7',
  '0',
  '-5',
  '1.0',
  '1e5',
  '12345678901234567890',
  'żółć 🚀',
  'a\nb',
])('Dokku keeps the value %j', (value) => {
  expect(checkValue(value)).toBeUndefined();
});

test('a dollar is written twice, and a variable that is not there is named', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
  expect(expandVariables('$A ${B}c $$D $ 5', { A: '1', B: '2' })).toEqual({
    value: '1 2c $D $ 5',
    missing: [],
    used: ['A', 'B'],
  });
  expect(expandVariables('$NONE', {})).toEqual({ value: '$NONE', missing: ['NONE'], used: [] });
});

describe('each job that a real runner was given', () => {
  const recorded = new URL('../recorded/gitlab-runner/', import.meta.url);
  const cases = JSON.parse(readFileSync(new URL('cases.json', recorded), 'utf8')) as Record<
    string,
    Record<string, string>
  >;

  test.each(Object.keys(cases))('%s is understood', async (name) => {
    const env = cases[name] ?? {};
    const command: CommandName =
      env.CI_ENVIRONMENT_ACTION === 'stop'
        ? 'review stop'
        : /staging|production|tag/.test(name)
          ? 'deploy'
          : 'review start';
    const context = await buildContext({
      command,
      flags: { hostRequirement: 'none' },
      jobInput: givenOf(env),
    });
    expect({
      app: context.app,
      ref: context.ref,
      environment: context.environment,
      project: context.project,
    }).toEqual({
      app: command === 'deploy' ? 'boutique' : expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,39}$/),
      ref: env.CI_COMMIT_REF_NAME,
      environment: env.CI_ENVIRONMENT_NAME,
      project: { id: '42', path: 'acme/boutique' },
    });
  });
});
