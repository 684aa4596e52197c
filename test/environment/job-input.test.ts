import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJobInput } from '../../src/environment/job-input.ts';
import { readVariables } from '../../src/environment/variables.ts';
import { aFolder, aRepository } from '../support/repository.ts';

test('a variable is read under its older name if the newer one is missing', () => {
  const env = {
    CI_BUILD_REF_SLUG: 'old-slug',
    CI_BUILD_REF_NAME: 'old',
    CI_BUILD_REF: 'abc',
    CI_COMMIT_REF_NAME: 'new',
  };
  expect(readVariables(env)).toEqual({
    CI_COMMIT_REF_NAME: 'new',
    CI_COMMIT_REF_SLUG: 'old-slug',
    CI_COMMIT_SHA: 'abc',
  });
});

test('an empty variable counts as unset, and is listed as empty', async () => {
  using folder = aFolder();
  const jobInput = await readJobInput({ env: { DOKKU_HOST: ' ', SSH_PRIVATE_KEY: '' }, cwd: folder.folder });
  expect([jobInput.variables, [...jobInput.empty]]).toEqual([{}, ['DOKKU_HOST', 'SSH_PRIVATE_KEY']]);
});

test('a file-type variable is read from its file, and any other value is the content', async () => {
  using folder = aFolder();
  const path = join(folder.folder, 'key');
  writeFileSync(path, 'the key\n');
  const env = { SSH_PRIVATE_KEY: path, SSH_KNOWN_HOSTS: '/not/there' };
  const jobInput = await readJobInput({ env, cwd: folder.folder });
  expect(jobInput.contents).toEqual({ SSH_PRIVATE_KEY: 'the key\n', SSH_KNOWN_HOSTS: '/not/there' });
});

test('the project’s files are read, and --config names another configuration file', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'ci'));
  writeFileSync(join(folder.folder, 'ci/deploy.yml'), 'app: x\n');
  writeFileSync(join(folder.folder, 'app.yml'), '{}');
  const jobInput = await readJobInput({ env: {}, cwd: folder.folder }, { config: 'ci/deploy.yml' });
  expect(jobInput.configuration).toEqual({ path: 'ci/deploy.yml', text: 'app: x\n' });
  expect([jobInput.appJson, jobInput.appYml?.path]).toEqual([undefined, 'app.yml']);
});

test('a file that cannot be read, or that --config names and does not exist, is listed as unreadable', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'app.json'));
  const unreadableFor = async (config?: string) =>
    (await readJobInput({ env: { SSH_PRIVATE_KEY: folder.folder }, cwd: folder.folder }, { config }))
      .unreadable;
  const appJson = { path: 'app.json', reason: 'a folder, not a file' };
  expect(await unreadableFor()).toEqual([appJson]);
  expect(await unreadableFor('ci/no.yml')).toEqual([{ path: 'ci/no.yml', reason: 'no such file' }, appJson]);
  expect(await unreadableFor('.')).toEqual([{ ...appJson, path: '.' }, appJson]);
});

test('outside GitLab, the branch and the project come from the checkout', async () => {
  using repository = aRepository('feature/x');
  repository.git('remote', 'add', 'origin', 'git@gitlab.example.com:group/shop.git');
  const { checkout } = await readJobInput({ env: {}, cwd: repository.folder });
  expect(checkout).toEqual({ branch: 'feature/x', project: 'group/shop' });
});

test('a configuration file that is not UTF-8 is unreadable: its values would change silently', async () => {
  using folder = aFolder();
  writeFileSync(join(folder.folder, '.dokku-deploy.yml'), Buffer.from('env: {CITY: Orl\u00e9ans}', 'latin1'));
  const jobInput = await readJobInput({ env: {}, cwd: folder.folder });
  expect([jobInput.configuration, jobInput.unreadable]).toEqual([
    undefined,
    [{ path: '.dokku-deploy.yml', reason: 'not UTF-8 text' }],
  ]);
});

test('app.json is read from the folder that source.root names', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'apps/api'), { recursive: true });
  writeFileSync(join(folder.folder, '.dokku-deploy.yml'), 'source: {root: apps/api}\n');
  writeFileSync(join(folder.folder, 'apps/api/app.json'), '{}');
  const { appJson } = await readJobInput({ env: {}, cwd: folder.folder });
  expect(appJson).toEqual({ path: 'apps/api/app.json', text: '{}' });
});

test('a configuration file that is not YAML names no folder', async () => {
  using folder = aFolder();
  writeFileSync(join(folder.folder, '.dokku-deploy.yml'), 'source: {root: *nothing, [');
  writeFileSync(join(folder.folder, 'app.json'), '{}');
  const { appJson } = await readJobInput({ env: {}, cwd: folder.folder });
  expect(appJson?.path).toBe('app.json');
});
