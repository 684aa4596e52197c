import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's image registry on loopback. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** The headers that its login needs. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** Returns the manifest of a tag, or the status of the error. */
  readonly manifest: (repository: string, tag: string) => Promise<unknown>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
};

const kinds = [
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const waitUntilReady = async (url: string): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(url).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('docker-registry (Debian: docker-registry) did not start');
};

/** The login of a registry with authentication. */
export const registryLogin = { user: 'deploy', password: 'right-password' };

/** Made with bcrypt, the only form that the registry reads. */
const passwordFile = 'deploy:$2b$05$abcdefghijklmnopqrstuuBO.kmgTJhdt40M5ZyHgFmcpBdUb9aS.\n';

/** Starts one with its images in a temporary folder; `withLogin` makes it refuse everyone but `registryLogin`. */
export const aRegistry = async ({ withLogin = false } = {}): Promise<Registry> => {
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const settings = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: host },
    ...(withLogin && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
    log: { level: 'error', accesslog: { disabled: true } },
  };
  const file = join(folder, 'settings.yml');
  writeFileSync(file, JSON.stringify(settings));
  writeFileSync(join(folder, 'htpasswd'), passwordFile);
  const basic = Buffer.from(`${registryLogin.user}:${registryLogin.password}`).toString('base64');
  const headers = withLogin ? { authorization: `Basic ${basic}` } : undefined;
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await waitUntilReady(`http://${host}/v2/`);
  return {
    host,
    headers,
    manifest: async (repository, tag) => {
      const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
        headers: { accept: kinds, ...headers },
      });
      return answer.ok ? answer.json() : answer.status;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
