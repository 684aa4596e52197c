import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerArchive } from '../support/image.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { publicKeyOf } from '../support/ssh.ts';
import type { ProgramResult } from '../support/world.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
  shop.repository.commit({ 'index.html': 'the files of the commit' });
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** Deploys an image with this page from an archive. */
const deploy = async (
  environment: string,
  page: string,
  { files = {}, env = {} }: { files?: Record<string, string>; env?: Record<string, string> } = {},
): Promise<ProgramResult> => {
  shop.repository.commit({ 'index.html': page });
  writeFileSync(
    join(shop.repository.folder, 'image.tar'),
    await dockerArchive({ files: { page, ...files } }),
  );
  return shop.run(`deploy ${environment} --image-archive image.tar`, env);
};

const twoImages = async (environment: string) => {
  for (const page of ['one', 'two']) {
    const ran = await deploy(environment, `${environment} ${page}`);
    expect(ran.exit, ran.stderr).toBe(0);
  }
  return `shop-${environment}`;
};

/** What the host has of an app, apart from the log of its builds. */
const traceOf = (app: string) => {
  const { envFile, deployed, properties, domains } = shop.app(app);
  return JSON.stringify({ envFile, deployed, domains, properties: [...properties] });
};

const imageOf = (app: string): string =>
  /^(.*)#/.exec(shop.config(app).get('DOKKU_DEPLOY_REVISION') ?? '')?.[1] ?? '';

/** Removes an image from the host, as Dokku does with one that a deploy has replaced. */
const retire = (app: string): void => {
  for (const name of [...shop.sandbox.state.images.keys()])
    if (name.startsWith(`dokku-deploy.invalid/${app}:`) && name !== imageOf(app))
      shop.sandbox.state.images.delete(name);
};

const shippedSince = (before: number): string[] =>
  shop.sandbox.journal.commands
    .slice(before)
    .map(({ line }) => line)
    .filter((line) => /^(git:(sync|from|load)|git-receive-pack|ps:rebuild)/.test(line));

describe('rollback of an image from a file', () => {
  test('has the host build it again while the host has it, and refuses afterwards without a change', async () => {
    const app = await twoImages('kept');
    const back = await shop.runOutside('rollback kept');
    expect([back.exit, await shop.page(app)], back.stderr).toEqual([0, 'kept one']);
    retire(app);
    const before = traceOf(app);
    const again = await shop.runOutside('rollback kept --to 2');
    expect([again.exit, await shop.page(app)], again.stderr).toEqual([4, 'kept one']);
    expect(again.stderr).toMatch(
      /The host no longer has the image of [0-9a-f]{8}.*\n.*\n.*release-not-found/,
    );
    expect(traceOf(app)).toBe(before);
  });

  test('goes where a rollback that is running goes, so that its failure does not bring the bad image back', async () => {
    const app = 'shop-held';
    const hold = join(shop.repository.folder, '..', `${process.pid}-hold`);
    const predeploy = `while [ -e ${hold} ]; do sleep 0.05; done`;
    const files = { 'app.json': JSON.stringify({ scripts: { dokku: { predeploy } } }) };
    expect((await deploy('held', 'held one', { files })).exit).toBe(0);
    expect((await deploy('held', 'held two')).exit).toBe(0);
    writeFileSync(hold, '');
    const tried = shop.config(app).get('GIT_REV');
    const running = shop.runOutside('rollback held');
    while (shop.config(app).get('GIT_REV') === tried) await sleep(20);
    const second = await shop.runOutside('rollback held --dry-run');
    rmSync(hold);
    expect([second.exit, second.stdout], second.stderr).toEqual([
      0,
      expect.stringMatching(/Roll shop-held back to [0-9a-f]{8} \(release 1\)/),
    ]);
    const first = await running;
    expect([first.exit, await shop.page(app)], first.stderr).toEqual([0, 'held one']);
  });
});

describe('promote of an image from a file', () => {
  test('deploys it to another app of the host, does nothing the second time, and refuses one that the host has removed', async () => {
    await deploy('live', 'old');
    await deploy('test', 'new');
    const ran = await shop.runOutside('promote test live');
    expect([ran.exit, await shop.page('shop-live')], ran.stderr).toEqual([0, 'new']);
    const before = shop.sandbox.journal.commands.length;
    const again = await shop.runOutside('promote test live');
    expect([again.exit, shippedSince(before)], again.stderr).toEqual([0, []]);
    await deploy('test', 'newer');
    shop.sandbox.state.images.delete(imageOf('shop-test'));
    const trace = traceOf('shop-live');
    const gone = await shop.runOutside('promote test live');
    expect([gone.exit, gone.stderr]).toEqual([4, expect.stringContaining('release-not-found')]);
    expect(gone.stderr).toContain('Run the job again that deployed');
    expect([traceOf('shop-live'), await shop.page('shop-live')]).toEqual([trace, 'new']);
  });

  test('refuses one of another host before it changes anything', async () => {
    await using other = await aShop({ authorizedKeys: [publicKeyOf(shop.sandbox.privateKey)] });
    const hosts = `environments:
  far-test: {host: "127.0.0.1:${shop.sandbox.port}", app: far}
  far-live: {host: "127.0.0.1:${other.sandbox.port}", app: far}
`;
    shop.repository.commit({ '.dokku-deploy.yml': hosts });
    const env = { DOKKU_HOST: '', SSH_KNOWN_HOSTS: shop.sandbox.knownHosts + other.sandbox.knownHosts };
    for (const environment of ['far-live', 'far-test']) {
      const ran = await deploy(environment, environment, { env });
      expect(ran.exit, ran.stderr).toBe(0);
    }
    const envFile = other.app('far').envFile;
    const ran = await shop.run('promote far-test far-live', env);
    expect([ran.exit, ran.stderr]).toEqual([4, expect.stringContaining('not-promotable')]);
    expect(ran.stderr).toContain('which only its own host has');
    expect([other.app('far').envFile, await other.page('far')]).toEqual([envFile, 'far-live']);
    shop.repository.git('rm', '--quiet', '.dokku-deploy.yml');
  });
});
