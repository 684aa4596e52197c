import { expect, test } from 'vitest';
import { listTags, readRelease } from '../../scripts/release.ts';

const env = {
  CI_COMMIT_TAG: '1.2.3',
  CI_REGISTRY: 'registry.example.com',
  CI_REGISTRY_IMAGE: 'registry.example.com/tools/dokku-deploy',
  CI_REGISTRY_USER: 'gitlab-ci-token',
  CI_REGISTRY_PASSWORD: 'password of the registry',
  CI_API_V4_URL: 'https://gitlab.example.com/api/v4',
  CI_PROJECT_ID: '7',
  CI_JOB_TOKEN: 'token of the job',
};

test('the job of a tag publishes to the project’s registry and its generic package', () => {
  expect(readRelease(env, '1.2.3')).toEqual({
    version: '1.2.3',
    registry: { host: 'registry.example.com', user: 'gitlab-ci-token', password: 'password of the registry' },
    image: 'registry.example.com/tools/dokku-deploy/dokku-deployer',
    packages: 'https://gitlab.example.com/api/v4/projects/7/packages/generic/dokku-deploy/1.2.3',
    token: 'token of the job',
  });
});

test('the job of a branch is refused, with every variable that is missing', () => {
  const { CI_COMMIT_TAG: _, CI_REGISTRY_PASSWORD: __, ...others } = env;
  expect(() => readRelease(others, '1.2.3')).toThrow('CI_COMMIT_TAG, CI_REGISTRY_PASSWORD not set');
});

test('a tag that is not the version in package.json is refused', () => {
  expect(() => readRelease(env, '1.2.4')).toThrow('the tag 1.2.3 is not the version in package.json, 1.2.4');
});

test.each([
  ['1.2.3', ['1.2.3', '1.2', '1', 'latest']],
  ['10.0.11', ['10.0.11', '10.0', '10', 'latest']],
  ['2.0.0-rc.1', ['2.0.0-rc.1']],
])('the image of version %s gets the tags %j', (version, tags) => {
  expect(listTags(version)).toEqual(tags);
});
