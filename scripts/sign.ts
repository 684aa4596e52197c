import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { readRelease } from './release.ts';
import { chooseSigningMethod, listSigningCommands, type ReleasedImages, sumsBundle } from './signing.ts';
import { upload } from './upload.ts';

// Signs what a tag's pipeline has published (docs/verify.md). Can be repeated: each run adds a signature.
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const release = readRelease(process.env, version);
const method = chooseSigningMethod(process.env);

if (method === 'none') {
  process.stdout.write('Nothing is signed: set COSIGN_PRIVATE_KEY (docs/verify.md).\n');
} else {
  const images = JSON.parse(readFileSync('dist/images.json', 'utf8')) as ReleasedImages;
  // cosign reads Docker's login, which would be stored in the user's home folder.
  const home = mkdtempSync(join(tmpdir(), 'cosign-'));
  try {
    const { host, user, password } = release.registry;
    await cosign(home, ['login', host, '--username', user, '--password-stdin'], password);
    for (const args of listSigningCommands(images, method)) await cosign(home, args);
    await upload(sumsBundle, release);
    process.stdout.write(
      `Signed with ${method === 'key' ? 'the key' : 'the identity of the job'}: ${images.image}\n`,
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function cosign(home: string, args: readonly string[], input = ''): Promise<void> {
  const program = process.env.COSIGN ?? 'dist/cosign';
  await execa(program, args, { env: { DOCKER_CONFIG: home }, input, stdout: 'ignore', stderr: 'inherit' });
}
