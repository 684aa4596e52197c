import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRepository, type TestRepository } from '../support/repository.ts';

const root = new URL('../../', import.meta.url).pathname;
const runner = join(root, 'node_modules/gitlab-ci-local/dist/index.js');

let project: TestRepository;

beforeAll(() => {
  project = aRepository('main');
  cpSync(join(root, '.gitlab-ci.yml'), join(project.folder, '.gitlab-ci.yml'));
  project.git('remote', 'add', 'origin', 'git@gitlab.example.com:tools/dokku-deploy.git');
  project.commit({});
});

afterAll(() => project[Symbol.dispose]());

interface Listed {
  readonly name: string;
  readonly when: string;
}

const jobsWith = async (variables: Readonly<Record<string, string>>): Promise<string[]> => {
  const words = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
  const { stdout } = await execa(process.execPath, [runner, '--list-json', ...words], {
    cwd: project.folder,
    env: { HOME: project.folder, GCL_IGNORE_PREDEFINED_VARS: Object.keys(variables).join(',') },
  });
  const jobs = JSON.parse(stdout) as readonly Listed[];
  return jobs.filter(({ when }) => when !== 'never').map(({ name }) => name);
};

test.each([
  ['a branch', {}, ['test']],
  ['a merge request', { CI_PIPELINE_SOURCE: 'merge_request_event', CI_COMMIT_BRANCH: '' }, ['test']],
  [
    'a tag',
    { CI_COMMIT_TAG: '1.0.0', CI_COMMIT_BRANCH: '' },
    [
      'test',
      'parts: [saas-linux-small-amd64]',
      'parts: [saas-linux-small-arm64]',
      'whole',
      'cosign',
      'sign',
      'release',
    ],
  ],
])('this project’s pipeline for %s has these jobs and no others', async (_, variables, jobs) => {
  expect(await jobsWith(variables)).toEqual(jobs);
});
