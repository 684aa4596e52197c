import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../sandbox/host/state.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';
import { pushTo } from '../../support/push.ts';
import { aRepository, type TestRepository } from '../../support/repository.ts';

let host: DokkuHost;
let repository: TestRepository;

beforeEach(async () => {
  host = await aDokkuHost([]);
  repository = aRepository();
});

afterEach(async () => {
  repository[Symbol.dispose]();
  await host[Symbol.asyncDispose]();
});

const app = (name: string): App => {
  const found = host.machine.state.apps.get(name);
  if (!found) throw new Error(`there is no app ${name}`);
  return found;
};

/** Pushes a page to an app and returns the commit. */
const push = async (name: string, page: string): Promise<string> => {
  const commit = repository.commit({ 'index.html': page });
  await pushTo(host.machine, repository, { app: name });
  return commit;
};

const page = async (name: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${app(name).web?.port}/`)).text();

const output = async (line: string): Promise<string> => (await host.run(line)).out.trim();

describe('git:sync --build from another app of the host', () => {
  beforeEach(async () => {
    await host.run('apps:create target');
  });

  test('deploys its branch, and records path and commit', async () => {
    const commit = await push('source', 'one');
    const { exit, out } = await host.run('git:sync --build target /home/dokku/source master');
    expect([exit, await page('target')]).toEqual([0, 'one']);
    expect(out).toContain('-----> Cloning target from /home/dokku/source#master\n');
    expect(out).toContain('       Detected branch, setting deploy-branch to master\n');
    expect(await output('config:get target GIT_REV')).toBe(commit);
    expect(await output('apps:report target --app-deploy-source-metadata')).toBe(
      `/home/dokku/source#${commit}`,
    );
  });

  test('deploys what is new there, and prints what git fetched', async () => {
    await push('source', 'one');
    await host.run('git:sync --build target /home/dokku/source master');
    await push('source', 'two');
    const { exit, out } = await host.run('git:sync --build-if-changes target /home/dokku/source master');
    expect([exit, await page('target')]).toEqual([0, 'two']);
    expect(out).toMatch(/From \/home\/dokku\/source\n {3}\w{7}\.\.\w{7} +master +-> master\n/);
    expect(await output('git:sync --build-if-changes target /home/dokku/source master')).toContain(
      'Skipping build as no changes were detected',
    );
  });

  test('moves the branch although the lock refuses the deploy, so the next one finds no changes', async () => {
    await push('source', 'one');
    await host.run('git:sync --build target /home/dokku/source master');
    const newer = await push('source', 'two');
    app('target').deployController = new AbortController();
    const { exit, out } = await host.run('git:sync --build target /home/dokku/source master');
    expect([exit, out.includes('deploy lock in place')]).toEqual([1, true]);
    expect(await output('git:report target --git-sha')).toBe(newer);
    await host.run('apps:unlock target');
    expect(await output('git:sync --build-if-changes target /home/dokku/source master')).toContain(
      'Skipping build as no changes were detected',
    );
    expect(await page('target')).toBe('one');
  });

  test.each([
    [
      'missing',
      '/home/dokku/missing master',
      "fatal: '/home/dokku/missing' does not appear to be a git repository",
    ],
    ['/etc', '/etc master', "fatal: detected dubious ownership in repository at '/etc'"],
    ['without the ref', '/home/dokku/source nosuchref', "pathspec 'nosuchref' did not match"],
  ])('fails for a source that is %s', async (_, words, message) => {
    await push('source', 'one');
    const { exit, out } = await host.run(`git:sync --build target ${words}`);
    expect([exit > 0, out.includes(message)]).toEqual([true, true]);
  });
});

test('git:sync --build from its own repository rolls an app back, even to a commit that no ref holds', async () => {
  const first = await push('shop', 'one');
  await push('shop', 'two');
  repository.git('checkout', '--quiet', '--orphan', 'other');
  await push('shop', 'three');
  expect((await host.run(`git:sync --build shop /home/dokku/shop ${first}`)).exit).toBe(0);
  expect([await page('shop'), await output('git:report shop --git-sha')]).toEqual(['one', first]);
});
