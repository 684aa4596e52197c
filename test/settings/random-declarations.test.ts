import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import { settings } from '../../src/settings/settings.ts';
import { aDeclaredApp, type DeclaredApp, settingSteps } from '../support/declared-app.ts';
import { arbitraryKeys, declarations } from './arbitrary-settings.ts';

type Declaration = Readonly<Record<string, unknown>>;

const yml = (declaration: Declaration): string => JSON.stringify(declaration);
// The same cases each time: a change is to fail in its own pipeline, not in someone else's.
const options = { seed: 13, numRuns: 8, endOnFailure: true };
const files = {
  others: { 'deploy/app.json': '{}', 'app.json': '{}', 'ops/Procfile': 'web: x\nworker: x\nclock: x\n' },
};
const looking = { files, context: { looksForDrift: true, drift: 'repair' as const } };

/** What an app has, without what means nothing to Dokku: the order of a list, and the zeros of process types. */
const stateOf = (app: DeclaredApp): unknown => {
  const { domains, scale, properties, options, mounts, proxy } = app.app();
  return {
    ...(app.snapshot() as object),
    domains: [...new Set(domains.map((name) => name.toLowerCase()))].sort(),
    options: [...options].flatMap(([phase, list]) => list.map((option) => `${phase} ${option}`)).sort(),
    mounts: mounts.map((mount) => JSON.stringify(mount)).sort(),
    scale: [...scale].filter(([type, count]) => count > 0 || type === 'web').sort(),
    // Rules of http-auth that let everyone in are as good as none.
    parts: [...proxy.parts].filter(([, text]) => text.trim() !== '').map(sortLines),
    properties: [...properties]
      .filter(([key, value]) => isSet(key, value))
      .map(sortList)
      .sort(),
    mark: parseEnv(app.app().envFile).get('DOKKU_DEPLOY_SETTINGS') ?? '',
  };
};

const isSet = (key: string, value: string): boolean =>
  value !== '' && key !== 'common.deployed' && !(key === 'git.rev-env-var' && value === 'GIT_REV');

const sortList = ([key, value]: [string, string]): string =>
  `${key}=${/-?list$|disabled|skipped|allowed-ips$/.test(key) ? value.split(/[, ]/).sort().join() : value}`;

const sortLines = ([name, text]: [string, string]): string => `${name}: ${text.split('\n').sort().join()}`;

/** The commands that read or change the setting of a key. */
const commandsOf = (key: string): RegExp =>
  new RegExp(
    {
      restart: '^ps:(set|report)',
      paths: '^(app-json|ps):(set|report)',
      scale: '^ps:(scale|report)',
      // Dokku forgets them with the proxy.
      proxy: '^(proxy:|domains:report|ports:list)',
      builder: '^builder(-dockerfile)?:',
      scheduler: '^scheduler(-k3s)?:',
      resources: '^resource:',
      docker_options: '^docker-options:',
      basic_auth: '^http-auth:',
      allowed_ips: '^http-auth:',
    }[key] ?? `^${key}:`,
  );

describe('a random declaration', () => {
  test('is applied, and nothing is left to change', async () => {
    await fc.assert(
      fc.asyncProperty(declarations, async (declaration) => {
        await using app = await aDeclaredApp();
        await app.apply(yml(declaration), { files });
        expect(settingSteps(await app.plan(yml(declaration), looking))).toEqual([]);
        expect(settingSteps(await app.plan(yml(declaration), { files }))).toEqual([]);
      }),
      options,
    );
  });

  test('is imported so that nothing has to change', async () => {
    await fc.assert(
      fc.asyncProperty(declarations, async (declaration) => {
        await using app = await aDeclaredApp();
        await app.apply(yml(declaration), { files });
        const job = { ...looking, env: { BASIC_AUTH_PASSWORD: 'cannot be read' } };
        const steps = settingSteps(await app.plan(yml(await app.imported()), job));
        expect(steps.filter(({ key }) => key !== 'basic_auth')).toEqual([]);
      }),
      options,
    );
  });

  test('leaves and asks nothing about what it does not name', async () => {
    await fc.assert(
      fc.asyncProperty(declarations, declarations, async (byHand, declared) => {
        await using app = await aDeclaredApp();
        await app.apply(yml(byHand), { files });
        app.app().envFile = '';
        await app.apply(yml(declared), { files });
        const others = arbitraryKeys.filter((key) => !(key in declared));
        const used = Object.keys(declared).map(commandsOf);
        const sent = app.sent().filter((line) => !used.some((pattern) => pattern.test(line)));
        // What every deploy asks.
        const own = /^(git:report shop|domains:report shop --domains-app-vhosts)$/;
        const touching = (key: string) =>
          sent.filter((line) => commandsOf(key).test(line) && !own.test(line));
        expect(others.flatMap(touching)).toEqual([]);
      }),
      options,
    );
  });

  test('gives the same app after another declaration as on a new app', async () => {
    await fc.assert(
      fc.asyncProperty(declarations, declarations, async (first, second) => {
        await using changed = await aDeclaredApp();
        await changed.apply(yml(first), { files });
        await changed.apply(yml(second), { files });
        await using fresh = await aDeclaredApp();
        await fresh.apply(yml(second), { files });
        expect(stateOf(changed)).toEqual(stateOf(fresh));
      }),
      options,
    );
  });

  test('covers the keys of the table that need nothing else', () => {
    const known = settings.map(({ key }) => key);
    expect(arbitraryKeys.filter((key) => !known.includes(key))).toEqual([]);
  });
});
