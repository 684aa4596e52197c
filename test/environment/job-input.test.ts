import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJobInput } from '../../src/environment/job-input.ts';
import { readVariables } from '../../src/environment/variables.ts';
import { aFolder, aRepository } from '../support/repository.ts';

test('older GitLab’s names are read where the newer ones are missing', () => {
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

test('an empty variable is one that is not set, and is remembered as empty', async () => {
  using folder = aFolder();
  const jobInput = await readJobInput({ env: { DOKKU_HOST: ' ', SSH_PRIVATE_KEY: '' }, cwd: folder.folder });
  expect([jobInput.variables, [...jobInput.empty]]).toEqual([{}, ['DOKKU_HOST', 'SSH_PRIVATE_KEY']]);
});

test('a file-type variable gives its file’s content, and a value that is a text is its own', async () => {
  using folder = aFolder();
  const path = join(folder.folder, 'key');
  writeFileSync(path, 'the key\n');
  const env = { SSH_PRIVATE_KEY: path, SSH_KNOWN_HOSTS: '/not/there' };
  const jobInput = await readJobInput({ env, cwd: folder.folder });
  expect(jobInput.contents).toEqual({ SSH_PRIVATE_KEY: 'the key\n', SSH_KNOWN_HOSTS: '/not/there' });
});

test('the project’s files are read where they are, and the configuration under another name', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'ci'));
  writeFileSync(join(folder.folder, 'ci/deploy.yml'), 'app: x\n');
  writeFileSync(join(folder.folder, 'app.yml'), '{}');
  const jobInput = await readJobInput({ env: {}, cwd: folder.folder }, { config: 'ci/deploy.yml' });
  expect(jobInput.configuration).toEqual({ path: 'ci/deploy.yml', text: 'app: x\n' });
  expect([jobInput.appJson, jobInput.appYml?.path]).toEqual([undefined, 'app.yml']);
});

test('a file that was named and is not there, or that cannot be read, is given as such', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'app.json'));
  const givenFor = async (config?: string) =>
    (await readJobInput({ env: { SSH_PRIVATE_KEY: folder.folder }, cwd: folder.folder }, { config }))
      .unreadable;
  const appJson = { path: 'app.json', reason: 'it is a folder, not a file' };
  expect(await givenFor()).toEqual([appJson]);
  expect(await givenFor('ci/no.yml')).toEqual([
    { path: 'ci/no.yml', reason: 'there is no such file' },
    appJson,
  ]);
  expect(await givenFor('.')).toEqual([{ ...appJson, path: '.' }, appJson]);
});

test('outside of GitLab the branch and the project are the checkout’s', async () => {
  using repository = aRepository('feature/x');
  repository.git('remote', 'add', 'origin', 'git@gitlab.example.com:group/shop.git');
  const { checkout } = await readJobInput({ env: {}, cwd: repository.folder });
  expect(checkout).toEqual({ branch: 'feature/x', project: 'group/shop' });
});
