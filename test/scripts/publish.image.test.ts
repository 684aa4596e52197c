import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jobImage } from '../support/container.ts';
import { aHttpServer, type HttpServer } from '../support/http.ts';
import { aRegistry, type Registry } from '../support/registry.ts';

const root = new URL('../../', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const repository = 'tools/dokku-deploy/dokku-deployer';
const arm64 = 'dokku-deploy-linux-arm64';

let registry: Registry;
let gitlab: HttpServer;

beforeAll(async () => {
  registry = await aRegistry();
  gitlab = await aHttpServer(() => ({ status: 201, body: { message: '201 Created' } }));
});

afterAll(async () => {
  rmSync(join(root, `dist/${arm64}.sha256`), { force: true });
  // Only their tags: one of them is also the image under test, which is kept.
  const names = ['images', '--format', '{{.Repository}}:{{.Tag}}', `${registry.host}/${repository}`];
  const { stdout } = await execa('docker', names);
  await execa('docker', ['rmi', ...stdout.split('\n')], { reject: false });
  await registry[Symbol.asyncDispose]();
  await gitlab[Symbol.asyncDispose]();
});

const publish = (step: string, env: Readonly<Record<string, string>> = {}) =>
  execa(process.execPath, ['scripts/publish.ts', step], {
    cwd: root,
    all: true,
    reject: false,
    env: {
      CI_COMMIT_TAG: version,
      CI_REGISTRY: registry.host,
      CI_REGISTRY_IMAGE: `${registry.host}/tools/dokku-deploy`,
      CI_REGISTRY_USER: 'gitlab-ci-token',
      CI_REGISTRY_PASSWORD: 'password-of-the-registry',
      CI_API_V4_URL: `${gitlab.url}/api/v4`,
      CI_PROJECT_ID: '7',
      CI_JOB_TOKEN: 'token-of-the-job',
      ...env,
    },
  });

/** Loads an empty image for another architecture. A builder would label it with its own machine's. */
const loadEmptyImage = async (tag: string, architecture: string): Promise<void> => {
  const archive = pack();
  const config = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] } };
  archive.entry({ name: 'config.json' }, JSON.stringify(config));
  archive.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: 'config.json', RepoTags: [tag], Layers: [] }]),
  );
  archive.finalize();
  await execa('docker', ['load'], { input: await buffer(archive) });
};

const uploaded = (name: string) => gitlab.received.findLast(({ path }) => path.endsWith(`/${name}`));
const sumOf = (path: string): string =>
  createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');

test('parts publishes the image, the binary and the SBOM for the machine’s architecture', async () => {
  const { exitCode, all } = await publish('parts');
  expect(exitCode, all).toBe(0);
  expect(gitlab.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `PUT /api/v4/projects/7/packages/generic/dokku-deploy/${version}/dokku-deploy-linux-x64`,
    `PUT /api/v4/projects/7/packages/generic/dokku-deploy/${version}/dokku-deployer-x64.cdx.json`,
  ]);
  expect(uploaded('dokku-deploy-linux-x64')?.headers).toMatchObject({
    'job-token': 'token-of-the-job',
    'content-length': String(readFileSync(join(root, 'dist/dokku-deploy')).length),
  });
  const pushed = (await registry.manifest(repository, `${version}-x64`)) as { config: { digest: string } };
  const { stdout } = await execa('docker', ['inspect', '--format', '{{.Id}}', jobImage]);
  expect(pushed.config.digest).toBe(stdout);
});

test('whole combines the images of all architectures under each tag, and publishes the checksums of the binaries', async () => {
  // The part of the other machine: an image of its architecture, and a checksum.
  const other = `${registry.host}/${repository}:${version}-arm64`;
  await loadEmptyImage(other, 'arm64');
  await execa('docker', ['push', '--quiet', other]);
  writeFileSync(join(root, `dist/${arm64}.sha256`), `${'0'.repeat(64)}  ${arm64}\n`);
  for (const run of ['first', 'again']) {
    // This job has no Docker daemon.
    const { exitCode, all } = await publish('whole', { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect([run, exitCode], all).toEqual([run, 0]);
  }
  expect(uploaded('SHA256SUMS')?.body).toBe(
    `${'0'.repeat(64)}  ${arm64}\n${sumOf('dist/dokku-deploy')}  dokku-deploy-linux-x64\n`,
  );
  const [major = '', minor = ''] = version.split('.');
  for (const tag of [version, `${major}.${minor}`, major, 'latest']) {
    const { manifests } = (await registry.manifest(repository, tag)) as {
      manifests: { platform: { architecture: string } }[];
    };
    expect(manifests.map(({ platform }) => platform.architecture).sort()).toEqual(['amd64', 'arm64']);
  }
});

test('if the package registry refuses an upload, the job fails with its answer and prints no secret', async () => {
  await using refusing = await aHttpServer(() => ({ status: 403, body: { message: '403 Forbidden' } }));
  const refused = gitlab;
  gitlab = refusing;
  try {
    const { exitCode, all } = await publish('parts');
    expect(exitCode).toBe(1);
    expect(all).toContain('403 Forbidden');
    expect(all).not.toMatch(/password-of-the-registry|token-of-the-job/);
  } finally {
    gitlab = refused;
  }
});
