import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../sandbox/host/state.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';
import { pushTo } from '../../support/push.ts';
import { aRepository } from '../../support/repository.ts';

let host: DokkuHost;

beforeEach(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterEach(() => host[Symbol.asyncDispose]());

const app = (): App => {
  const found = host.machine.state.apps.get('shop');
  if (!found) throw new Error('there is no app');
  return found;
};

const archive = async (files: Readonly<Record<string, string>>): Promise<Buffer> => {
  const made = pack();
  for (const [name, content] of Object.entries(files)) made.entry({ name }, content);
  made.finalize();
  return buffer(made);
};

/** Deploys an archive of files and returns the exit code and the output. */
const deploy = async (files: Readonly<Record<string, string>>, words = '') =>
  host.run(`git:from-archive shop -- ${words}`, await archive(files));

const git = async (...words: readonly string[]): Promise<string> =>
  (await host.machine.repositories.git('shop', words)).stdout;

const page = async (path = ''): Promise<string> =>
  (await fetch(`http://127.0.0.1:${app().web?.port}/${path}`)).text();

describe('an archive', () => {
  test('becomes a commit, and the same archive is no change', async () => {
    expect((await deploy({ 'index.html': 'one' })).exit).toBe(0);
    expect([app().deployBranch, await git('log', '--format=%s', 'master')]).toEqual([
      'master',
      'Initial commit',
    ]);
    const again = await deploy({ 'index.html': 'one' });
    expect([again.exit, again.out.includes('No changes detected, skipping git commit')]).toEqual([1, true]);
  });

  test('removes the files that it does not have, and those that its .gitignore names', async () => {
    await deploy({ 'index.html': 'one', 'old.txt': 'x' });
    await deploy({ 'index.html': 'two', 'secret.txt': 'x', '.gitignore': 'secret.txt\n' });
    expect(await git('ls-tree', '--name-only', 'master')).toBe('.gitignore\nindex.html');
  });

  test('has its author as name and address, as Dokku mixes them up', async () => {
    await deploy({ 'index.html': 'one' }, 'Jane jane@example.com');
    expect(await git('log', '--format=%an <%ae>', 'master')).toBe('Jane <Jane>');
  });

  test('whose build fails keeps its commit, so the same archive deploys nothing', async () => {
    await deploy({ 'index.html': 'one' });
    const bad = { Dockerfile: 'RUNN x\n' };
    expect((await deploy(bad)).exit).toBe(1);
    expect((await git('rev-list', '--count', 'master')).trim()).toBe('2');
    expect((await deploy(bad)).out).toContain('No changes detected, skipping git commit');
  });

  test('whose predeploy script fails loses its commit, so the same archive is tried again', async () => {
    await deploy({ 'index.html': 'one' });
    const bad = { 'index.html': 'two', 'app.json': '{"scripts": {"dokku": {"predeploy": "exit 1"}}}' };
    expect((await deploy(bad)).exit).toBe(1);
    expect((await git('rev-list', '--count', 'master')).trim()).toBe('1');
    expect((await deploy(bad)).out).toContain('Execution of predeploy task failed');
  });

  test('moves the branch although the lock refuses it, and the running push cannot move it any more', async () => {
    using repository = aRepository();
    const slow = { 'app.json': '{"scripts": {"dokku": {"predeploy": "sleep 1"}}}' };
    repository.commit({ 'index.html': 'one' });
    await pushTo(host.machine, repository, { app: 'shop' });
    repository.commit({ 'index.html': 'two', ...slow });
    const pushed = pushTo(host.machine, repository, { app: 'shop' });
    while (!app().deployController) await new Promise((resolve) => setTimeout(resolve, 10));
    const refused = await deploy({ 'index.html': 'three' });
    expect([refused.exit, refused.out.includes('deploy lock in place')]).toEqual([1, true]);
    expect([(await pushed).decision, (await pushed).accepted, await page()]).toEqual([
      'accepted',
      false,
      'two',
    ]);
    expect(await git('show', 'master:index.html')).toBe('three');
  });

  test('with a .git folder is refused', async () => {
    await deploy({ 'index.html': 'one' });
    const { exit, out } = await deploy({ 'index.html': 'two', '.git/config': '' });
    expect([exit, out.includes('fatal: not in a git directory')]).toEqual([128, true]);
  });
});

describe('git:from-image', () => {
  /** Makes the image of another app. */
  const build = async (content: string): Promise<void> => {
    using repository = aRepository();
    repository.commit({ 'index.html': content, Dockerfile: 'FROM scratch\nCMD sleep 60\n' });
    await pushTo(host.machine, repository, { app: 'other' });
  };

  test('deploys the image of another app, and compares its name only', async () => {
    await build('one');
    expect((await host.run('git:from-image shop dokku/other:latest')).exit).toBe(0);
    expect(await output('apps:report shop --app-deploy-source-metadata')).toBe('dokku/other:latest');
    const again = await host.run('git:from-image shop dokku/other:latest');
    expect([again.exit, again.out.includes('No changes detected')]).toEqual([1, true]);
    expect((await host.run('ps:rebuild shop')).exit).toBe(0);
  });

  test.each([
    ['--force shop dokku/other:latest', 'Force pulling image'],
    ['shop nosuch:1', ' !     Failed to pull image: nosuch:1'],
    ['shop NoSuch:1', 'invalid reference format: repository name (library/NoSuch) must be lowercase'],
    ['--build-dir /etc shop dokku/other:latest', 'Invalid BUILD_DIR specified for docker build context'],
  ])('%s fails with "%s"', async (words, message) => {
    await build('one');
    const { exit, out } = await host.run(`git:from-image ${words}`);
    expect([exit, out.includes(message)]).toEqual([1, true]);
  });

  const output = async (line: string): Promise<string> => (await host.run(line)).out.trim();
});
