import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CommandName } from '../../src/context/target.ts';
import { aCertificate } from '../support/certificates.ts';
import { aDeclaredApp, type DeclaredApp, type DeclaredQuery, settingSteps } from '../support/declared-app.ts';
import { contextOf } from '../support/job-context.ts';

const fileOf = (example: string, name: string): string =>
  readFileSync(new URL(`../../ci-examples/${example}/${name}`, import.meta.url), 'utf8');

const { certificate, key } = aCertificate(['example.com', 'www.example.com']);

const examples = {
  environments: {
    REVIEW_PASSWORD: 'for the team',
    TLS_CERTIFICATE: certificate,
    TLS_KEY: key,
  },
  k3s: {
    CI_REGISTRY: 'registry.example.com',
    CI_PROJECT_PATH: 'group/shop',
    REGISTRY_USER: 'deployer',
    REGISTRY_TOKEN: 'a token',
  },
};

type Example = keyof typeof examples;

const queryOf = (example: Example, environment?: string): DeclaredQuery => ({
  command: 'deploy',
  env: { CI_PROJECT_NAME: 'shop', ...examples[example] },
  ...(environment === undefined ? {} : { flags: { environment } }),
  ...(example === 'environments' ? { files: { procfile: fileOf(example, 'Procfile') } } : {}),
});

/** Applies the file of an example to production twice, and expects that the second time changes nothing. */
const deployTwice = async (example: Example, app: DeclaredApp): Promise<void> => {
  const [yml, query] = [fileOf(example, '.dokku-deploy.yml'), queryOf(example, 'production')];
  expect(settingSteps(await app.apply(yml, query))).not.toEqual([]);
  const looking = { ...query, context: { looksForDrift: true, drift: 'repair' as const } };
  expect(settingSteps(await app.plan(yml, looking))).toEqual([]);
};

const reportOf = async ({ run }: DeclaredApp, command: string) =>
  JSON.parse((await run(`${command} shop --format json`)).out);

describe('the examples of declared environments', () => {
  test.each([
    ['environments', 'review start', undefined],
    ['environments', 'deploy', 'staging'],
    ['environments', 'deploy', 'production'],
    ['k3s', 'review start', undefined],
    ['k3s', 'deploy', 'staging'],
    ['k3s', 'deploy', 'production'],
  ] as [Example, CommandName, string | undefined][])(
    '%s has a valid file for %s %s',
    async (example, command, environment) => {
      const { context: _, files, ...query } = queryOf(example, environment);
      const yml = fileOf(example, '.dokku-deploy.yml');
      const { settings, warnings } = await contextOf({ ...query, command, files: { ...files, yml } });
      expect(settings.map((setting) => setting.key)).toContain(example === 'k3s' ? 'scheduler' : 'checks');
      expect(warnings.filter(({ about }) => about.startsWith('.dokku-deploy.yml'))).toEqual([]);
    },
  );

  test('environments: production has its domains, its certificate, its processes and its storage', async () => {
    await using app = await aDeclaredApp();
    await deployTwice('environments', app);
    expect(await reportOf(app, 'storage:list')).toMatchObject([
      { entry_name: 'shop-uploads', container_path: '/app/uploads' },
    ]);
    expect(app.app().domains).toEqual(['example.com', 'www.example.com']);
    expect(Object.fromEntries(app.app().scale)).toMatchObject({ web: 2, worker: 1 });
    const site = app.host.machine.state.sites.find((one) => one.app === 'shop');
    expect(site?.certificate?.cert).toBe(certificate);
  });

  test('k3s: production is on the cluster, in its namespace, and its releases are pushed', async () => {
    await using app = await aDeclaredApp();
    await app.run('scheduler-k3s:initialize');
    await deployTwice('k3s', app);
    expect(await reportOf(app, 'scheduler:report')).toMatchObject({ selected: 'k3s' });
    expect(await reportOf(app, 'scheduler-k3s:report')).toMatchObject({
      namespace: 'production',
      'rollback-on-failure': 'true',
    });
    expect(await reportOf(app, 'registry:report')).toMatchObject({
      'push-on-release': 'true',
      'image-repo': 'group/shop/shop',
    });
  });

  test('k3s: a host without a cluster is refused before anything is changed', async () => {
    await using app = await aDeclaredApp();
    const before = app.snapshot();
    await expect(
      app.apply(fileOf('k3s', '.dokku-deploy.yml'), queryOf('k3s', 'production')),
    ).rejects.toMatchObject({ message: 'The host has no k3s cluster, which the scheduler of shop needs.' });
    expect(app.snapshot()).toEqual(before);
  });
});
