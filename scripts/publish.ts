import { createHash } from 'node:crypto';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { listTags, readRelease } from './release.ts';
import type { ReleasedImages } from './signing.ts';
import { upload } from './upload.ts';

// The last steps of a tag's pipeline (.gitlab-ci.yml). `publish.ts parts` publishes the image and the binary for this machine's
// architecture. `publish.ts whole`, once all parts are published, combines the images under one name and publishes the checksums.
// Both can be repeated.
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const release = readRelease(process.env, version);
const { image, registry } = release;

// Docker would store the login in the user's home folder, so it gets a temporary folder instead.
const home = mkdtempSync(join(tmpdir(), 'docker-'));

const steps = { parts: publishParts, whole: publishWhole };
const step = process.argv[2] ?? '';
try {
  if (step !== 'parts' && step !== 'whole') throw new Error('usage: publish.ts parts|whole');
  await logIn();
  await steps[step]();
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function publishParts(): Promise<void> {
  const name = `dokku-deploy-linux-${process.arch}`;
  const binary = `dist/${name}`;
  copyFileSync('dist/dokku-deploy', binary);
  const sum = createHash('sha256').update(readFileSync(binary)).digest('hex');
  writeFileSync(`${binary}.sha256`, `${sum}  ${name}\n`);
  await upload(binary, release);
  await upload(`dist/dokku-deployer-${process.arch}.cdx.json`, release);
  const tag = `${image}:${version}-${process.arch}`;
  await docker(['tag', 'dokku-deployer', tag]);
  await docker(['push', '--quiet', tag]);
  process.stdout.write(`${tag}\n`);
}

/** Returns what docker prints. */
async function docker(args: readonly string[], input = ''): Promise<string> {
  const { stdout } = await execa('docker', args, { env: { DOCKER_CONFIG: home }, input, stderr: 'inherit' });
  return stdout;
}

async function publishWhole(): Promise<void> {
  const sums = globSync('dist/dokku-deploy-linux-*.sha256').sort();
  writeFileSync('dist/SHA256SUMS', sums.map((path) => readFileSync(path, 'utf8')).join(''));
  await upload('dist/SHA256SUMS', release);
  const parts = sums.map((path) => `${image}:${version}-${/linux-(\w+)/.exec(path)?.[1]}`);
  // No TLS for a registry on loopback. `docker push` does this by itself, `docker manifest` does not.
  const plain = /^(localhost|127\.)/.test(registry.host) ? ['--insecure'] : [];
  for (const tag of listTags(version)) {
    await docker(['manifest', 'create', ...plain, `${image}:${tag}`, ...parts]);
    const pushed = await docker(['manifest', 'push', '--purge', ...plain, `${image}:${tag}`]);
    process.stdout.write(`${image}:${tag}\n`);
    if (tag !== version) continue;
    const list = await docker(['manifest', 'inspect', ...plain, `${image}:${tag}`]);
    writeFileSync('dist/images.json', `${JSON.stringify(readDigests(pushed, list), null, 2)}\n`);
  }
}

/** Returns the digests of a list of images, from what its push printed and from its manifest. */
function readDigests(pushed: string, list: string): ReleasedImages {
  const [digest] = /sha256:[0-9a-f]{64}/.exec(pushed) ?? [];
  if (digest === undefined) throw new Error('docker manifest push printed no digest');
  const { manifests } = JSON.parse(list) as {
    readonly manifests: readonly {
      readonly digest: string;
      readonly platform: { readonly architecture: string };
    }[];
  };
  const parts = manifests.map(({ digest: part, platform: { architecture } }) => ({
    arch: architecture === 'amd64' ? 'x64' : architecture,
    image: `${image}@${part}`,
  }));
  return { image: `${image}@${digest}`, parts };
}

async function logIn(): Promise<void> {
  await docker(['login', '--username', registry.user, '--password-stdin', registry.host], registry.password);
}
