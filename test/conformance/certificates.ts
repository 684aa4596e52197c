import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { packTar } from './archives.ts';

const caConfig = `[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

/** The archives of certificates that the second recording added, by the recorder's description. */
export async function createCertificates(): Promise<ReadonlyMap<string, Uint8Array>> {
  const root = await mkdtemp(join(tmpdir(), 'dokku-conformance-certs-'));
  const openssl = (...words: readonly string[]) => execa('openssl', words, { cwd: root });
  const read = (name: string): Promise<string> => readFile(join(root, name), 'utf8');
  const names = 'subjectAltName=DNS:*.r.test,DNS:r.test';
  const selfSigned = (name: string, subject: string, key: string, ...more: readonly string[]) =>
    openssl(
      ...['req', '-x509', '-nodes', '-days', '30', '-newkey', ...key.split(' '), '-subj', subject],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`, ...more],
    );
  await selfSigned('good', '/CN=*.r.test', 'rsa:2048', '-addext', names);
  await selfSigned('other', '/CN=*.r.test', 'rsa:2048', '-addext', names);
  await selfSigned('ca', '/CN=r test ca', 'rsa:2048');
  await selfSigned('ec', '/CN=ec.r.test', 'ec -pkeyopt ec_paramgen_curve:prime256v1');
  await openssl(
    ...['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=exp.r.test'],
    ...['-keyout', 'expired.key', '-out', 'expired.csr'],
  );
  await writeFile(join(root, 'ca.cnf'), caConfig);
  await writeFile(join(root, 'index.txt'), '');
  // Only `openssl ca` takes dates in all versions.
  await openssl(
    ...['ca', '-batch', '-config', 'ca.cnf', '-in', 'expired.csr', '-cert', 'ca.crt', '-keyfile', 'ca.key'],
    ...['-startdate', '20200101000000Z', '-enddate', '20200201000000Z', '-out', 'expired.crt'],
  );
  await openssl(
    ...['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=leaf.r.test'],
    ...['-keyout', 'leaf.key', '-out', 'leaf.csr'],
  );
  await openssl(
    ...['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '20', '-out', 'leaf.crt'],
  );
  await openssl('rsa', '-aes256', '-passout', 'pass:secret', '-in', 'good.key', '-out', 'encrypted.key');
  const pair = async (name: string): Promise<[string, string]> => [
    await read(`${name}.crt`),
    await read(`${name}.key`),
  ];
  const [crt, key] = await pair('good');
  const good = await packTar({ 'server.crt': crt, 'server.key': key });
  const other = await pair('other');
  const leaf = await pair('leaf');
  const ca = await read('ca.crt');
  const archive = ([certificate, secret]: readonly [string, string]) =>
    packTar({ 'server.crt': certificate, 'server.key': secret });
  const all = new Map<string, Uint8Array>([
    ['server.crt + server.key, self-signed *.r.test', good],
    ['good', good],
    ['only server.crt', await packTar({ 'server.crt': crt })],
    ['tls.crt + tls.key', await packTar({ 'tls.crt': crt, 'tls.key': key })],
    ['a/server.crt + a/server.key', await packTar({ 'a/server.crt': crt, 'a/server.key': key })],
    ['./server.crt + ./server.key', await packTar({ './server.crt': crt, './server.key': key })],
    ['fullchain.pem + privkey.pem', await packTar({ 'fullchain.pem': crt, 'privkey.pem': key })],
    ['gzip-compressed tar', gzipSync(good)],
    ['two certificates', await packTar({ 'a.crt': crt, 'b.crt': other[0], 'a.key': key, 'b.key': other[1] })],
    ['server.crt is no certificate', await archive(['not a certificate\n', key])],
    ['leaf + ca chain', await archive([leaf[0] + ca, leaf[1]])],
    ['elliptic curve', await archive(await pair('ec'))],
    ['expired 2020', await archive(await pair('expired'))],
    ['key of another certificate', await archive([crt, other[1]])],
    ['ca first, then leaf', await archive([crt + leaf[0], leaf[1]])],
    ['encrypted key', await archive([crt, await read('encrypted.key')])],
  ]);
  await rm(root, { recursive: true, force: true });
  return new Map([...all].map(([name, bytes]) => [`<tar: ${name}>`, bytes]));
}
