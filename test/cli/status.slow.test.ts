import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** A predeploy script, which runs before anything is started. */
const predeploy = (script: string) => ({
  'app.json': JSON.stringify({ scripts: { dokku: { predeploy: script } } }),
});

describe('status', () => {
  test('prints the app of an environment without a checkout, and changes nothing', async () => {
    const commit = await shop.deploy('staging', 'one');
    const config = shop.config('shop-staging');
    const before = shop.sandbox.journal.commands.length;
    const text = await shop.runOutside('status staging', { GITLAB_USER_NAME: 'Zoé' });
    expect([text.exit, text.stdout.split('\n')], text.stderr).toEqual([
      0,
      [
        expect.stringMatching(/^App: {4}shop-staging on dokku@/),
        'State:  running',
        `URL:    http://shop-staging.localhost:${shop.sandbox.webPort}`,
        expect.stringMatching(new RegExp(`^Runs:   ${commit.slice(0, 8)} \\(release 1, of 20`)),
        'Last deploys:',
        expect.stringMatching(new RegExp(`^  1  ${commit.slice(0, 8)}  20\\S+ \\S+ UTC  running$`)),
        '',
      ],
    ]);
    const json = await shop.runOutside('status staging --format json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      app: 'shop-staging',
      environment: 'staging',
      state: 'running',
      urls: [`http://shop-staging.localhost:${shop.sandbox.webPort}`],
      commit,
      release: { number: 1, commit, outcome: 'deployed' },
      deploying: false,
    });
    expect(shop.config('shop-staging')).toEqual(config);
    const words = shop.sandbox.journal.commands.slice(before).map(({ line }) => line.split(' ')[0]);
    expect(new Set(words)).toEqual(
      new Set(['config:export', 'apps:report', 'urls', 'ps:report', 'enter', 'builds:list']),
    );
  });

  test('names what still runs after a failed deploy, and what was tried', async () => {
    const first = await shop.deploy('failed', 'one');
    shop.repository.commit(predeploy('exit 7'));
    const failed = await shop.run('deploy failed');
    shop.repository.commit(predeploy('true'));
    expect(failed.exit).toBe(4);
    const { exit, stdout } = await shop.runOutside('status failed');
    expect([exit, stdout]).toEqual([0, expect.stringContaining(`Runs:   ${first.slice(0, 8)} (release 1`)]);
    expect(stdout).toMatch(/^Deploy: the last one, of [0-9a-f]{8}, failed; a restart of the app may/m);
  });

  test('names a deploy that is running', async () => {
    await shop.deploy('busy', 'one');
    shop.repository.commit(predeploy('sleep 5'));
    const deploy = shop.run('deploy busy');
    while (!shop.app('shop-busy').deployController) await sleep(20);
    expect((await shop.runOutside('status busy')).stdout).toContain('Deploy: one is running\n');
    expect((await deploy).exit).toBe(0);
    shop.repository.commit(predeploy('true'));
  });

  test('fails for an app that does not exist or is another environment’s', async () => {
    const missing = await shop.runOutside('status nowhere');
    expect([missing.exit, missing.stdout]).toEqual([4, '']);
    expect(missing.stderr).toContain('There is no app shop-nowhere on the host.');
    await shop.deploy('mine', 'one');
    const foreign = await shop.runOutside('status other --app shop-mine');
    expect([foreign.exit, foreign.stdout]).toEqual([4, '']);
  });

  test('refuses a broken configuration file, which may name another app, and writes no reports', async () => {
    const file = join(shop.repository.folder, '.dokku-deploy.yml');
    writeFileSync(file, 'ap: shop\n');
    const { exit, stdout, stderr } = await shop.run(`status staging --config ${file}`, { GITLAB_CI: 'true' });
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('ap is not a known key');
    writeFileSync(file, '');
  });
});
