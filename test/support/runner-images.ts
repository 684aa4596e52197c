import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { jobImage } from './container.ts';

/** The image in which gitlab-ci-local copies files; made here, as no image registry is reached. */
export const copyingImage = 'dokku-deploy-test-copying';

const dockerfile = `FROM debian:12-slim
RUN apt-get update \\
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libatomic1 rsync ca-certificates \\
  && rm -rf /var/lib/apt/lists/*
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
`;

/** The folder of the machine's own npm. */
const npmFolder = async (): Promise<string> => {
  const { stdout } = await execa('npm', ['prefix', '--global']);
  return realpathSync(join(stdout.trim(), 'lib/node_modules/npm'));
};

/** Makes what the examples' jobs run in: Node's image under the name that they call it by, and the job image under theirs. */
export const makeRunnerImages = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), dockerfile);
    cpSync(process.execPath, join(folder, 'node'));
    cpSync(await npmFolder(), join(folder, 'npm'), { recursive: true });
    await execa('docker', ['build', '--quiet', '--network', 'host', '--tag', copyingImage, folder]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // Where the real one is, it stays.
  const { exitCode } = await execa('docker', ['image', 'inspect', 'node:24'], { reject: false });
  if (exitCode !== 0) await execa('docker', ['tag', copyingImage, 'node:24']);
  await execa('docker', ['tag', jobImage, 'registry.example.com/tools/dokku-deploy/dokku-deployer:1']);
};
