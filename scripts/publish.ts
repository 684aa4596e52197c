import { createHash } from 'node:crypto';
import {
  copyFileSync,
  globSync,
  mkdtempSync,
  openAsBlob,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { listTags, readRelease } from './release.ts';

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
  await upload(binary);
  await upload(`dist/dokku-deployer-${process.arch}.cdx.json`);
  const tag = `${image}:${version}-${process.arch}`;
  await docker(['tag', 'dokku-deployer', tag]);
  await docker(['push', '--quiet', tag]);
  process.stdout.write(`${tag}\n`);
}

async function upload(path: string): Promise<void> {
  const url = `${release.packages}/${basename(path)}`;
  const answer = await fetch(url, {
    method: 'PUT',
    headers: { 'JOB-TOKEN': release.token },
    body: await openAsBlob(path),
  });
  if (!answer.ok) throw new Error(`PUT ${url} failed: ${answer.status} ${await answer.text()}`);
  process.stdout.write(`${url}\n`);
}

async function docker(args: readonly string[], input = ''): Promise<void> {
  await execa('docker', args, {
    env: { DOCKER_CONFIG: home },
    input,
    stdout: 'ignore',
    stderr: 'inherit',
  });
}

async function publishWhole(): Promise<void> {
  const sums = globSync('dist/dokku-deploy-linux-*.sha256').sort();
  writeFileSync('dist/SHA256SUMS', sums.map((path) => readFileSync(path, 'utf8')).join(''));
  await upload('dist/SHA256SUMS');
  const parts = sums.map((path) => `${image}:${version}-${/linux-(\w+)/.exec(path)?.[1]}`);
  // No TLS for a registry on loopback. `docker push` does this by itself, `docker manifest` does not.
  const plain = /^(localhost|127\.)/.test(registry.host) ? ['--insecure'] : [];
  for (const tag of listTags(version)) {
    await docker(['manifest', 'create', ...plain, `${image}:${tag}`, ...parts]);
    await docker(['manifest', 'push', '--purge', ...plain, `${image}:${tag}`]);
    process.stdout.write(`${image}:${tag}\n`);
  }
}

function logIn(): Promise<void> {
  return docker(['login', '--username', registry.user, '--password-stdin', registry.host], registry.password);
}
