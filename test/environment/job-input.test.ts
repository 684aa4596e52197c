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
  const files = jobInput.appFiles.get('');
  expect([files?.appJson, files?.appYml?.path]).toEqual([undefined, 'app.yml']);
});

test('a file that cannot be read, or that --config names and does not exist, is listed as unreadable', async () => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'app.json'));
  const unreadableFor = async (config?: string) => {
    const env = { SSH_PRIVATE_KEY: folder.folder };
    const { unreadable, appFiles } = await readJobInput({ env, cwd: folder.folder }, { config });
    return [...unreadable, ...(appFiles.get('')?.unreadable ?? [])];
  };
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

test('app.json is read from each folder that the file or a flag may choose', async () => {
  using folder = aFolder();
  const yml =
    'source: {root: ./apps/api/}\nreview: {source: {dir: dist}}\nenvironments: {p: {source: {root: x}}}\n';
  writeFileSync(join(folder.folder, '.dokku-deploy.yml'), yml);
  for (const name of ['apps/api', 'dist']) {
    mkdirSync(join(folder.folder, name), { recursive: true });
    writeFileSync(join(folder.folder, name, 'app.json'), `"${name}"`);
  }
  mkdirSync(join(folder.folder, 'x/app.json'), { recursive: true });
  const { appFiles } = await readJobInput({ env: {}, cwd: folder.folder }, { dir: 'other/' });
  expect([...appFiles.keys()].sort()).toEqual(['', 'apps/api', 'dist', 'other', 'x']);
  expect(appFiles.get('apps/api')?.appJson).toEqual({ path: 'apps/api/app.json', text: '"apps/api"' });
  expect(appFiles.get('dist')?.appJson?.text).toBe('"dist"');
  expect(appFiles.get('x')?.unreadable).toEqual([{ path: 'x/app.json', reason: 'a folder, not a file' }]);
});

test.each(['source: {root: *nothing, [', 'source: {root: 5}', 'source: null\nroot: x', 'root'])(
  'a configuration file that names no folder leaves the project’s: %s',
  async (yml) => {
    using folder = aFolder();
    writeFileSync(join(folder.folder, '.dokku-deploy.yml'), yml);
    writeFileSync(join(folder.folder, 'app.json'), '{}');
    const { appFiles } = await readJobInput({ env: {}, cwd: folder.folder });
    expect([...appFiles].map(([name, { appJson }]) => [name, appJson?.path])).toEqual([['', 'app.json']]);
  },
);
