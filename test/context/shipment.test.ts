import { describe, expect, test } from 'vitest';
import { type ContextQuery, contextOf } from '../support/job-context.ts';

const deploy = (query: ContextQuery) => contextOf({ command: 'deploy', ...query });

/** What is shipped, or the problems. */
const shipmentOf = async (query: ContextQuery) =>
  deploy(query).then(
    ({ shipment }) => shipment,
    ({ said, message }: { said: readonly string[]; message: string }) => [message, ...said].join('\n'),
  );

const registry = {
  CI_REGISTRY: 'registry.test',
  CI_REGISTRY_IMAGE: 'registry.test/group/shop',
  CI_COMMIT_SHA: 'abc',
  CI_REGISTRY_USER: 'gitlab-ci-token',
  CI_REGISTRY_PASSWORD: 'job-password',
};

/** The user and the variable of the password with which the job asks for an image. */
const loginFor = async (image: string, env: Record<string, string>) => {
  const shipment = await shipmentOf({ flags: { image }, env });
  if (typeof shipment === 'string' || shipment.kind !== 'image') return shipment;
  return shipment.credentials && `${shipment.credentials.user} ${shipment.credentials.password.name}`;
};

describe('what is shipped', () => {
  test('are the files of the commit by default', async () => {
    expect(await shipmentOf({})).toEqual({ kind: 'commit' });
  });

  test('is the image that the file names with the job’s variables', async () => {
    const yml = 'source: {image: "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"}';
    expect(await shipmentOf({ env: registry, files: { yml } })).toMatchObject({
      kind: 'image',
      image: 'registry.test/group/shop:abc',
    });
  });

  test('is the archive that the file names', async () => {
    expect(await shipmentOf({ files: { yml: 'source: {image_archive: out/image.tar}' } })).toEqual({
      kind: 'image-archive',
      path: 'out/image.tar',
    });
  });

  test('is what a flag names rather than the file', async () => {
    const files = { yml: 'source: {image: "app:1"}' };
    expect(await shipmentOf({ flags: { imageArchive: 'a.tar' }, files })).toEqual({
      kind: 'image-archive',
      path: 'a.tar',
    });
    expect(await shipmentOf({ flags: { image: 'app:2' }, files })).toMatchObject({ image: 'app:2' });
  });

  test.each([
    ['an image in upper case', { flags: { image: 'App:1' } }, '"App:1" is not the name of an image'],
    ['two flags', { flags: { image: 'app:1', imageArchive: 'a.tar' } }, 'excludes --image-archive'],
    [
      'two keys',
      { files: { yml: 'source: {image: a, image_archive: b}' } },
      'image and image_archive exclude each other',
    ],
    [
      'a variable that is not set',
      { files: { yml: 'source: {image: $NOT_SET}' } },
      'the variable NOT_SET is not set',
    ],
    [
      'an archive whose variable is empty',
      { env: { ARCH: '' }, files: { yml: 'source: {image_archive: $ARCH}' } },
      '.dokku-deploy.yml: source.image_archive: is empty',
    ],
    ['an empty flag', { flags: { imageArchive: ' ' } }, '--image-archive: is empty'],
    [
      'an archive whose variable is not set',
      { files: { yml: 'source: {image_archive: $ARCH}' } },
      'the variable ARCH is not set',
    ],
    [
      'files beside an image',
      { files: { yml: 'source: {image: a, include: [dist]}' } },
      'has no effect on an image',
    ],
  ])('cannot be %s', async (_, query: ContextQuery, message) => {
    expect(await shipmentOf(query)).toContain(message);
  });
});

describe('the login at the registry', () => {
  test('is the deploy token’s if there is one, else the job’s', async () => {
    const token = { CI_DEPLOY_USER: 'gitlab+deploy-token-1', CI_DEPLOY_PASSWORD: 'token-password' };
    expect(await loginFor('registry.test/group/shop', registry)).toBe('gitlab-ci-token CI_REGISTRY_PASSWORD');
    expect(await loginFor('registry.test/group/shop', { ...registry, ...token })).toBe(
      'gitlab+deploy-token-1 CI_DEPLOY_PASSWORD',
    );
  });

  test.each(['alpine', 'other.test/group/shop', 'registry.test.evil.test/shop'])(
    'is not sent to another registry: %s',
    async (image) => {
      expect(await loginFor(image, registry)).toBeUndefined();
    },
  );
});

describe('app.json of the repository', () => {
  const appJson = JSON.stringify({ env: { NEEDED: { required: true } }, addons: ['heroku-redis'] });

  test('declares no variables of an image, which has its own app.json, but still names the services', async () => {
    const { declaredEnv, services, notes } = await deploy({ flags: { image: 'app:1' }, files: { appJson } });
    expect([declaredEnv, services.map(({ plugin }) => plugin)]).toEqual([[], ['redis']]);
    expect(notes).toEqual([expect.stringContaining('in the working folder of the image')]);
  });

  test('declares the variables of the commit’s files', async () => {
    const { declaredEnv, notes } = await deploy({ files: { appJson } });
    expect(notes).toEqual([]);
    expect(declaredEnv.map(({ key }) => key)).toEqual(['NEEDED']);
  });
});
