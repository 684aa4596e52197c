import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { proxy } from '../../src/settings/proxy.ts';
import type { Known } from '../../src/settings/setting.ts';
import { settings } from '../../src/settings/settings.ts';
import { aDeclaredApp, type DeclaredApp, settingSteps } from '../support/declared-app.ts';
import { contextOf } from '../support/job-context.ts';
import { accessBadValues, accessRows } from './access-rows.ts';
import { appBadValues, appRows } from './app-rows.ts';
import { coreBadValues, coreRows } from './core-rows.ts';
import { tlsBadValues, tlsRows } from './tls-rows.ts';

const rows = [...coreRows, ...tlsRows, ...appRows, ...accessRows];
const badValues = [...coreBadValues, ...tlsBadValues, ...appBadValues, ...accessBadValues];

describe('each key of the declared environment', () => {
  test('has a row that shows its effect, and one for a bad value', () => {
    const keys = settings.map(({ key }) => key);
    expect(keys.filter((key) => !rows.some((row) => row.key === key))).toEqual([]);
    expect(keys.filter((key) => !badValues.some((row) => row.key === key))).toEqual([]);
  });

  describe.each(rows.map((row) => [[row.key, row.title].filter(Boolean).join(' '), row] as const))(
    '%s',
    (_, row) => {
      let app: DeclaredApp;
      let before: unknown;

      beforeAll(async () => {
        app = await aDeclaredApp();
        await row.prepare?.(app);
        before = app.snapshot();
      });

      afterAll(() => app[Symbol.asyncDispose]());

      test('is applied, and the plan shows the difference', async () => {
        const plan = await app.apply(row.yml, row.query);
        const steps = settingSteps(plan);
        expect(new Set(steps.map(({ key }) => key))).toEqual(new Set([row.key]));
        for (const step of steps) expect(step.before).not.toBe(step.after);
        await row.effect(app);
      });

      test('costs an unchanged second run no step and no question', async () => {
        const plan = await app.plan(row.yml, row.query);
        expect(plan.steps.map(({ id }) => id)).toEqual(['deploy', 'record', 'check']);
        const questions = settings.find(({ key }) => key === row.key)?.questions('shop', undefined) ?? [];
        const words = questions.map((command) => command.words.join(' '));
        expect(app.sent().filter((line) => words.includes(line))).toEqual([]);
      });

      test('is found to be so by a run that looks again', async () => {
        const plan = await app.plan(row.yml, {
          ...row.query,
          context: { looksForDrift: true, drift: 'repair' },
        });
        expect(settingSteps(plan)).toEqual([]);
      });

      test('is imported so that nothing has to change', async () => {
        const entries = await app.imported();
        const { TLS_CERT } = row.query?.env ?? {};
        const secrets = {
          BASIC_AUTH_PASSWORD: 'cannot be read',
          ...(TLS_CERT && { TLS_CERTIFICATE: TLS_CERT }),
        };
        const env = { ...row.query?.env, ...secrets };
        const context = { looksForDrift: true, drift: 'repair' as const };
        const plan = await app.plan(stringify(entries), { ...row.query, env, context });
        expect(Object.keys(entries)).toContain(row.key);
        expect(settingSteps(plan).filter(({ key }) => key !== 'basic_auth')).toEqual([]);
      });

      test('goes back to Dokku’s default once it is no longer declared', async () => {
        const plan = await app.apply('{}', row.query);
        expect(settingSteps(plan)).not.toEqual([]);
        if (row.removed) await row.removed(app);
        else expect(app.snapshot()).toEqual(before);
        expect(settingSteps(await app.plan('{}', row.query))).toEqual([]);
      });
    },
  );

  test.each(badValues)('$key: "$yml" is refused before anything is sent', async ({ yml, query, message }) => {
    const { context: _, files, ...job } = query ?? {};
    const refused = contextOf({ command: 'deploy', ...job, files: { ...files, yml } });
    const error = await refused.then(
      () => undefined,
      (reason: { message: string; said: readonly string[]; remedy: string }) => reason,
    );
    expect(error).toBeDefined();
    const text = [error?.message, ...(error?.said ?? []), error?.remedy].join('\n');
    for (const part of message) expect(text).toContain(part);
  });
});

describe('a proxy that is switched on', () => {
  test('keeps what was declared and applied before, although nothing asks about it', async () => {
    await using app = await aDeclaredApp();
    const yml = 'domains: [example.com]\nports: ["http:80:8000"]\n';
    await app.apply(yml);
    await app.run('proxy:disable shop');
    const steps = settingSteps(await app.apply(`proxy: true\n${yml}`));
    expect(steps.map(({ id }) => id)).toEqual(['set-proxy', 'set-domains-again', 'set-ports-again']);
    expect([app.app().domains, app.app().ports]).toEqual([['example.com'], ['http:80:8000']]);
  });

  test('builds again for the port that Dokku detects in the image', () => {
    const off = { isOn: false, type: undefined, domains: [], ports: [] };
    const commandsFor = (isDeclared: Known['isDeclared']) => {
      const known = { isRecorded: false, isDeployed: true, wasDeclared: () => false, isDeclared };
      const changes = proxy.changes('shop', off, { isOn: true, type: undefined }, known);
      return changes.flatMap(({ commands }) => commands.map(({ words }) => words.join(' ')));
    };
    expect(commandsFor(() => false)).toEqual(['proxy:enable shop', 'ps:rebuild shop']);
    expect(commandsFor(() => true)).toEqual(['proxy:enable shop']);
  });

  test('keeps what an operator has set, and the file does not declare', async () => {
    await using app = await aDeclaredApp();
    await app.run('proxy:disable shop');
    await app.run('domains:set shop own.example.com');
    await app.run('domains:set shop own.example.com');
    await app.run('ports:set shop http:80:8000');
    const before = [app.app().domains, app.app().ports];
    await app.apply('proxy: true\n');
    expect([app.app().domains, app.app().ports]).toEqual(before);
  });
});

test.each(['domains:disable shop', 'proxy:disable shop'])(
  'after %s, the declared ports are there again, although Dokku forgets them with the first domain',
  async (byHand) => {
    await using app = await aDeclaredApp();
    const yml = 'proxy: true\ndomains: [example.com]\nports: ["http:80:8000"]\n';
    await app.apply(yml);
    await app.run(byHand);
    const plan = await app.apply(yml, { context: { looksForDrift: true, drift: 'repair' } });
    expect(settingSteps(plan).map(({ id }) => id)).toContain('set-ports-again');
    expect([app.app().domains, app.app().ports]).toEqual([['example.com'], ['http:80:8000']]);
  },
);
