import { describe, expect, test } from 'vitest';
import type { ServiceEntry } from '../../src/context/schema.ts';
import { resolveServices } from '../../src/context/services.ts';
import { targets } from '../../src/context/target.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { keepServiceNames } from '../../src/plan/service-names.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext, makeVault } from '../support/context.ts';

const contextWith = (...entries: readonly ServiceEntry[]) =>
  aContext({
    app: 'shop',
    services: resolveServices(
      entries,
      { app: 'shop', own: false },
      { env: {}, vault: new Map(), problems: [], path: '' },
    ),
  });

const url = (plugin: string, name: string) => `${plugin}://u:p@dokku-${plugin}-${name}:1234/x`;

/** An app on the host: the variables of its links, and the services that its mark names. */
const appWith = (links: Readonly<Record<string, string>>, made: readonly string[]) => {
  const urls = Object.entries(links).map(([key, name]) => [key, url('postgres', name)]);
  return stateOf('shop', { ...Object.fromEntries(urls), DOKKU_DEPLOY_SERVICES: made.join(',') });
};

const geo = { type: 'postgres', as: 'GEO' };
const other = { type: 'postgres', as: 'OTHER' };

describe('a service of an app keeps its name', () => {
  test.for([
    {
      case: 'if a second one is added',
      links: { DATABASE_URL: 'shop-database' },
      entries: ['postgres', geo],
      names: ['shop-database', 'shop-postgres-2'],
    },
    {
      case: 'if a second one is added in front of it',
      links: { DATABASE_URL: 'shop-database' },
      entries: [geo, 'postgres'],
      names: ['shop-postgres', 'shop-database'],
    },
    {
      case: 'if one of another type is added',
      links: { DATABASE_URL: 'shop-database' },
      entries: [{ type: 'mysql', as: 'OLD' }, 'postgres'],
      names: ['shop-mysql', 'shop-database'],
    },
    {
      case: 'if the first one is removed',
      links: { GEO_URL: 'shop-postgres', OTHER_URL: 'shop-postgres-2' },
      entries: [other],
      names: ['shop-postgres-2'],
    },
    {
      case: 'if their order changes',
      links: { GEO_URL: 'shop-postgres', OTHER_URL: 'shop-postgres-2' },
      entries: [other, geo],
      names: ['shop-postgres-2', 'shop-postgres'],
    },
    {
      case: 'if its variable changes, too',
      links: { DATABASE_URL: 'shop-database' },
      entries: [other, geo],
      names: ['shop-database', 'shop-postgres-2'],
    },
    {
      case: 'if it is not linked at the moment',
      links: {},
      made: ['postgres:shop-database'],
      entries: ['postgres', geo],
      names: ['shop-database', 'shop-postgres-2'],
    },
    {
      case: 'but a new one does not get the data of one that was removed',
      links: { OTHER_URL: 'shop-postgres-2' },
      made: ['postgres:shop-postgres', 'postgres:shop-postgres-2'],
      entries: [other, { type: 'postgres', as: 'NEW' }],
      names: ['shop-postgres-2', 'shop-postgres-3'],
    },
    {
      case: 'unless the file names it',
      links: { DATABASE_URL: 'shop-database' },
      entries: [{ type: 'postgres', name: 'shop-main' }],
      names: ['shop-main'],
    },
  ])('$case', ({ links, made, entries, names }) => {
    const linked = Object.values(links).map((name) => `postgres:${name}`);
    const app = appWith(links, made ?? linked);
    const { services } = keepServiceNames(contextWith(...entries), { app });
    expect(services.map(({ name }) => name)).toEqual(names);
  });

  test('in the plan of a deploy, which has no step for it', () => {
    const app = appWith({ DATABASE_URL: 'shop-database' }, ['postgres:shop-database']);
    const services = new Map([['postgres:shop-postgres-2', 'absent' as const]]);
    const plan = planDeploy(contextWith('postgres', geo), { app, services });
    expect(plan.steps.flatMap(({ id }) => (id.includes('postgres') ? [id] : []))).toEqual([
      'create-postgres-shop-postgres-2',
      'link-postgres-shop-postgres-2',
    ]);
  });

  test('in a review app, whose marker names it', () => {
    const marker =
      'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=shop&services=redis%3Ashop-redis-2';
    const app = stateOf('shop', { DOKKU_DEPLOY_REVIEW: marker, QUEUE_URL: url('redis', 'shop-redis-2') });
    const plan = planReviewStart(contextWith({ type: 'redis', as: 'QUEUE' }), { app });
    expect(plan.services).toEqual(['redis:shop-redis-2']);
    expect(plan.steps.filter(({ id }) => id.includes('redis'))).toEqual([]);
  });
});

describe('a linked service whose variable has another name in the file', () => {
  const app = appWith({ DATABASE_URL: 'shop-database' }, ['postgres:shop-database']);

  test('is unlinked and linked again under it', () => {
    const { steps } = planDeploy(contextWith(geo), { app });
    const commands = steps.flatMap((step) => (step.kind === 'command' ? [step.command.words.join(' ')] : []));
    expect(commands).toEqual([
      'postgres:unlink shop-database shop --no-restart',
      'config:unset --no-restart shop DATABASE_URL',
      'postgres:link shop-database shop --alias GEO --no-restart',
    ]);
  });

  test.for([
    { case: 'the file sets', config: ['POSTGRES_DATABASE_SCHEME'], stored: {} },
    { case: 'an earlier run has set', config: [], stored: { POSTGRES_DATABASE_SCHEME: 'postgis' } },
  ])('or whose URL has another scheme than $case is linked again, too', ({ config, stored }) => {
    const vault = makeVault({ POSTGRES_DATABASE_SCHEME: 'postgis' });
    const linked = { DATABASE_URL: url('postgres', 'shop-database') };
    const steps = (links: Readonly<Record<string, string>>) =>
      planDeploy(
        { ...contextWith('postgres'), config, vault },
        { app: stateOf('shop', { ...stored, ...links }) },
      ).steps.map(({ id }) => id);
    expect(steps(linked).slice(0, 2)).toEqual(['unlink-postgres-shop-database', 'unset']);
    expect(steps(linked)).toContain('link-postgres-shop-database');
    const changed = { DATABASE_URL: linked.DATABASE_URL.replace('postgres:', 'postgis:') };
    expect(steps(changed).filter((id) => /link|unset/.test(id))).toEqual([]);
  });

  test('is left alone without a name in the file, with a warning', () => {
    const moved = appWith({ MAIN_URL: 'shop-database' }, ['postgres:shop-database']);
    const plan = planDeploy(contextWith('postgres'), { app: moved });
    expect(plan.steps.map(({ id }) => id)).not.toContain('unlink-postgres-shop-database');
    expect(plan.warnings).toEqual([
      'the URL of postgres:shop-database is in MAIN_URL, not in DATABASE_URL: write as: MAIN, or unlink it once by hand',
    ]);
    expect(planDeploy(contextWith('postgres'), { app }).warnings).toEqual([]);
  });
});

describe('a service of an app that does not exist', () => {
  const services = new Map([['postgres:shop-database', 'present' as const]]);
  const refusalOf = (command: 'deploy' | 'review start'): unknown => {
    const context = { ...contextWith('postgres'), target: targets[command].target };
    try {
      (command === 'deploy' ? planDeploy : planReviewStart)(context, { app: 'absent', services });
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test('is not taken over: the message names a way out that the host accepts', () => {
    expect(refusalOf('deploy')).toMatchObject({
      code: 'service-not-ours',
      remedy: expect.stringContaining('dokku apps:create shop, then dokku postgres:link shop-database shop'),
    });
    expect(refusalOf('review start')).toMatchObject({
      code: 'service-not-ours',
      remedy: expect.stringContaining('dokku postgres:destroy shop-database'),
    });
  });
});

describe('a service is not linked, and nothing is changed, if its variable', () => {
  const services = new Map([['postgres:shop-database', 'absent' as const]]);

  test.for([
    {
      case: 'is set on the app',
      config: { DATABASE_URL: 'postgres://elsewhere.example.com/x' },
      entry: 'postgres',
    },
    { case: 'with as is set on the app', config: { GEO_URL: 'https://geo.example.com' }, entry: geo },
    { case: 'has another service', config: { DATABASE_URL: url('postgres', 'by-hand') }, entry: 'postgres' },
    { case: 'is a part of another one', config: { READ_DATABASE_URL: 'x' }, entry: 'postgres' },
    { case: 'is named in a value', config: { NOTE: 'as in GEO_URL' }, entry: geo },
  ])('$case', ({ config, entry }) => {
    const plan = () => planDeploy(contextWith(entry), { app: stateOf('shop', config), services });
    expect(plan).toThrow(expect.objectContaining({ code: 'configuration' }));
  });

  test('is a part of one that the file sets', () => {
    const context = {
      ...contextWith('postgres'),
      config: ['READ_DATABASE_URL'],
      vault: makeVault({ READ_DATABASE_URL: 'x' }),
    };
    expect(() => planDeploy(context, { app: 'absent', services })).toThrow(
      /READ_DATABASE_URL contains this name/,
    );
  });

  test('is not free before the service that has it is unlinked', () => {
    const app = appWith({ DATABASE_URL: 'shop-main' }, ['postgres:shop-main']);
    expect(() => planDeploy(contextWith('postgres'), { app, services })).not.toThrow();
  });

  test('is not shared with another service that the file names', () => {
    const two = contextWith('postgres', 'postgres');
    expect(() => planDeploy(two, { app: 'absent', services: new Map() })).not.toThrow();
  });
});
