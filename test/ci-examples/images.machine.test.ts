import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { pushImage } from '../support/image.ts';
import { aLocalPipeline, type LocalPipeline } from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';
import { aRegistry, type Registry, registryLogin } from '../support/registry.ts';

let sandbox: Sandbox;
let registry: Registry;
/** What Docker Hub is to the builds: it has their base image. */
let hub: Registry;
/** The settings and images of buildah. */
const folder = mkdtempSync(join(tmpdir(), 'buildah-'));

beforeAll(async () => {
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  [sandbox, registry, hub] = await Promise.all([
    startSandbox({ services: [], path }),
    aRegistry({ withLogin: true }),
    aRegistry(),
  ]);
  await pushImage(hub, 'library/node:24-slim', { files: { base: 'node' } });
  const insecure = [
    ['docker.io', hub],
    [registry.host, registry],
  ] as const;
  const settings = insecure.map(
    ([prefix, { host }]) => `[[registry]]\nprefix = "${prefix}"\nlocation = "${host}"\ninsecure = true\n`,
  );
  writeFileSync(join(folder, 'registries.conf'), settings.join('\n'));
  writeFileSync(join(folder, 'auth.json'), '{}');
  // Of its settings, `login` heeds none about a registry without TLS.
  const program = '#!/bin/sh\ncommand=$1; shift\n[ "$command" != login ] || set -- --tls-verify=false "$@"\n';
  writeFileSync(join(folder, 'buildah'), `${program}exec /usr/bin/buildah "$command" "$@"\n`, {
    mode: 0o755,
  });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  writeFileSync(
    join(folder, 'storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/images"\nrunroot = "${folder}/run"\n`,
  );
});

afterAll(async () => {
  await Promise.all([sandbox, registry, hub].map((one) => one[Symbol.asyncDispose]()));
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The example's pipeline with the machine's own buildah, a registry with a login, and GitLab's variables for it. */
const pipelineOf = (example: string): LocalPipeline =>
  aLocalPipeline({
    example,
    variables: {
      ...sandbox.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      CI_REGISTRY: registry.host,
      CI_REGISTRY_IMAGE: `${registry.host}/acme/${example}`,
      CI_REGISTRY_USER: registryLogin.user,
      CI_REGISTRY_PASSWORD: registryLogin.password,
      REGISTRY_USER: registryLogin.user,
      REGISTRY_TOKEN: registryLogin.password,
      REGISTRY_AUTH_FILE: join(folder, 'auth.json'),
      CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
      CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    },
    words: ['--force-shell-executor'],
  });

const pageAt = (app: string) => fetchPage(`http://${app}.localhost:${sandbox.webPort}/`);
const shipping = /^git:(from|load)-image/;
const shipped = (): string[] =>
  sandbox.journal.commands.map(({ line }) => line).filter((line) => shipping.test(line));

const expectSuccess = ({ exit, output }: { exit: number | null; output: string }): void =>
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);

test.each([
  ['image-registry', 'git:from-image'],
  ['image-archive', 'git:load-image'],
])(
  '%s: a branch has a review app from its image, and one image goes from staging to production',
  async (example, command) => {
    using pipeline = pipelineOf(example);
    const { project, run } = pipeline;
    const before = shipped().length;
    project.git('checkout', '--quiet', '-b', `${example}-branch`);
    project.commit({
      'page.js': 'exports.page = () => "<h1>Hello, world, from an image</h1>\\n"; // of a branch\n',
    });
    expectSuccess(await run());
    expect(await pageAt(`${example}-branch`)).toContain('from an image');
    expectSuccess(await run('stop_review'));
    project.git('checkout', '--quiet', 'main');
    expectSuccess(await run());
    expect(await pageAt(`${example}-staging`)).toContain('from an image');
    expectSuccess(await run('--needs', 'production'));
    expect(await pageAt(example)).toContain('from an image');
    const lines = shipped().slice(before);
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
      [`${example}-branch`, `${example}-staging`, example].map((app) => `${command} ${app}`),
    );
    const names = lines.map((line) => line.split(/[@:]/).at(-1));
    expect(names[1]).toBe(names[2]);
    expect(names[0]).not.toBe(names[1]);
  },
);
