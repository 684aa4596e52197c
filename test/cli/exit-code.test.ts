import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerArchive } from '../support/image.ts';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** The exit code of a plan, and what its note says about nothing to do. */
const plan = async (words: string, env: Record<string, string> = {}) => {
  const { exit, stdout, stderr } = await shop.run(`${words} --dry-run --exit-code`, env);
  return [exit, /nothing to do: .*/.exec(stdout)?.[0], ...(exit === 0 || exit === 10 ? [] : [stderr])];
};

const apply = async (words: string, env: Record<string, string> = {}) => {
  const { exit, stderr } = await shop.run(words, env);
  expect(exit, stderr).toBe(0);
};

const changes = [10, undefined];
const runs = (app: string, commit: string) => [0, `nothing to do: ${app} already runs ${commit.slice(0, 8)}`];

describe('--dry-run --exit-code', () => {
  test('exits with 0 for a deploy, a promotion and a rollback that would change nothing, and with 10 for others', async () => {
    const first = await shop.deploy('test', 'one');
    const [test, live] = ['shop-test', 'shop-live'];
    expect(await plan('deploy test')).toEqual(runs(test, first));
    expect(await plan('deploy test --rebuild')).toEqual(changes);
    expect(await plan('deploy live')).toEqual(changes);
    expect(await plan('rollback test --to 1')).toEqual(runs(test, first));
    await apply('deploy live');
    expect(await plan('promote test live')).toEqual(runs(live, first));
    const second = shop.repository.commit({ 'index.html': 'two' });
    expect(await plan('deploy test')).toEqual(changes);
    await apply('deploy test');
    expect(await plan('deploy test')).toEqual(runs(test, second));
    expect(await plan('rollback test')).toEqual(changes);
    expect(await plan('promote test live')).toEqual(changes);
    await apply('promote test live');
    expect(await plan('promote test live')).toEqual(runs(live, second));
    expect(await plan('rollback live')).toEqual(changes);
    await apply('rollback live');
    expect(await plan('rollback live --to 1')).toEqual(runs(live, first));
    const report = 'plan.json';
    await apply(`promote test live --commit ${first} --dry-run --report terraform=${report}`);
    const numbers = readFileSync(join(shop.repository.folder, report), 'utf8');
    expect(JSON.parse(numbers)).toEqual({ create: 0, update: 0, delete: 0 });
  });

  test('exits with 10 after a deploy that failed, and if other files of the same commit are shipped', async () => {
    const built = join(shop.repository.folder, 'built');
    writeFileSync(built, 'one');
    const commit = await shop.deploy('files', 'one', {
      '.dokku-deploy.yml': 'source: {include: [built]}\n',
      '.gitignore': 'built\n',
    });
    expect(await plan('deploy files')).toEqual(runs('shop-files', commit));
    writeFileSync(built, 'two');
    expect(await plan('deploy files')).toEqual(changes);
    shop.sandbox.faults.inject(/^git-receive-pack/, { kind: 'fail-at', stage: 'check' });
    expect((await shop.run('deploy files')).exit).not.toBe(0);
    writeFileSync(built, 'one');
    expect(await plan('deploy files')).toEqual(changes);
    shop.repository.git('rm', '--quiet', '.dokku-deploy.yml');
  });

  test('exits with 0 for an image that runs already', async () => {
    const save = async (page: string) =>
      writeFileSync(join(shop.repository.folder, 'image.tar'), await dockerArchive({ files: { page } }));
    const commit = shop.repository.commit({ 'index.html': 'image' });
    await save('one');
    const words = 'deploy image --image-archive image.tar';
    await apply(words);
    expect(await plan(words)).toEqual(runs('shop-image', commit));
    await save('two');
    expect(await plan(words)).toEqual(changes);
  });

  test('exits with 0 for a review app that is up to date, or that is gone', async () => {
    const branch = { CI_COMMIT_REF_NAME: 'topic', CI_COMMIT_REF_SLUG: 'topic' };
    const commit = shop.repository.commit({ 'index.html': 'topic' });
    expect(await plan('review start', branch)).toEqual(changes);
    expect(await plan('review stop', branch)).toEqual([0, undefined]);
    await apply('review start', branch);
    expect(await plan('review start', branch)).toEqual(runs('topic', commit));
    expect(await plan('review prepare', branch)).toEqual([0, undefined]);
    expect(await plan('review stop', branch)).toEqual(changes);
    await apply('review stop', branch);
    expect(await plan('review stop', branch)).toEqual([0, undefined]);
  });
});
