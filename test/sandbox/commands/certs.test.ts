import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
});

afterAll(() => host[Symbol.asyncDispose]());

test('certs:show prints the certificate and the key that were added, until certs:remove', async () => {
  const work = mkdtempSync(join(tmpdir(), 'certs-'));
  const [key, crt] = [join(work, 'server.key'), join(work, 'server.crt')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=shop'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', crt], { stdio: 'ignore' });
  const archive = execFileSync('tar', ['-C', work, '-cf', '-', 'server.key', 'server.crt']);
  expect((await host.run('certs:add shop', archive)).exit).toBe(0);
  expect((await host.run('certs:show shop key')).out).toBe(readFileSync(key, 'utf8'));
  expect((await host.run('certs:show shop crt')).out).toBe(readFileSync(crt, 'utf8'));
  expect((await host.run('certs:remove shop')).exit).toBe(0);
  expect((await host.run('certs:show shop key')).err).toContain("doesn't have an SSL endpoint defined");
  rmSync(work, { recursive: true });
});
