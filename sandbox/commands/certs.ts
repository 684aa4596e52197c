import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { unpack } from '../deploys/archive.ts';
import { createScratchFolder } from '../deploys/host-git.ts';
import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { certificateNames, readCertificate } from '../nginx/certificate.ts';
import { hasCertificate } from '../nginx/port-maps.ts';

const report: Report = {
  title: 'ssl',
  prefix: 'ssl',
  rows: (app) => {
    const found = readCertificate(ownProperty(app, 'certs', 'crt'));
    return [
      ['Ssl dir', `/home/dokku/${app.name}/tls`],
      ['Ssl enabled', String(hasCertificate(app))],
      ['Ssl expires at', found?.validTo ?? ''],
      ['Ssl hostnames', certificateNames(app)?.join(' ') ?? ''],
      ['Ssl issuer', found ? spaceName(found.issuer) : ''],
      ['Ssl starts at', found?.validFrom ?? ''],
      ['Ssl subject', found?.subject.replaceAll('\n', '; ') ?? ''],
      // Dokku verifies against the certificate authorities of the host, which know none of the sandbox's certificates.
      ['Ssl verified', hasCertificate(app) ? 'self signed' : ''],
    ];
  },
};

/** Dokku's certs plugin. */
export const certs: Plugin = {
  'certs:add': withApp(add),
  'certs:remove': withApp(remove),
  'certs:report': createReportHandler(report),
  'certs:show': withApp(show),
  'certs:update': withApp(add),
};

function spaceName(name: string): string {
  return name.replaceAll('\n', ', ').replaceAll('=', ' = ');
}

async function add({ call, host, app, rest }: AppRequest): Promise<number> {
  const [crtPath, keyPath] = rest;
  // Paths name files on the host's disk, which an SSH client doesn't have.
  if (crtPath && keyPath) return fail(call, 'CRT file specified not found, please check file paths');
  await using work = await createScratchFolder(host);
  const [file, folder] = [join(work.path, 'archive'), join(work.path, 'certs')];
  await mkdir(folder);
  await writeFile(file, await call.readBytes());
  const { exit, events, problem } = await unpack(file, 'tar', { folder, path: host.path });
  call.err(events);
  if (problem !== undefined) return fail(call, problem);
  if (exit !== 0) return exit;
  const names = await listFiles(folder);
  const wrong = findProblem(names, '.crt') || findProblem(names, '.key');
  if (wrong !== '') return fail(call, wrong);
  call.reach('store');
  const [crt, key] = await Promise.all(
    ['.crt', '.key'].map((ending) => {
      const name = names.find((one) => one.endsWith(ending)) ?? '';
      return readFile(join(folder, name), 'utf8');
    }),
  );
  storeCertificate(app, { certificate: crt ?? '', key: key ?? '' });
  return host.rebuildProxy(call, app.name);
}

/** Returns the paths of the files in a folder and its subfolders, without hidden ones. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')));
}

function findProblem(names: readonly string[], ending: string): string {
  const found = names.filter((name) => name.endsWith(ending));
  if (found.length === 0) return `Tar archive is missing ${ending} file`;
  return found.length > 1 ? `Tar archive contains more than one ${ending} file` : '';
}

/** Gives an app a certificate, and a port for it. */
export function storeCertificate(
  app: App,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): void {
  setProperty(app, 'certs', 'crt', certificate);
  setProperty(app, 'certs', 'key', key);
  mapSecurePort(app);
}

/** Adds https on port 443 for each port that http on port 80 is mapped to, if there are mappings of the app's own. */
function mapSecurePort(app: App): void {
  if (app.ports.some((map) => map.startsWith('https:443:'))) return;
  const added = app.ports
    .filter((map) => map.startsWith('http:80:'))
    .map((map) => map.replace('http:80:', 'https:443:'));
  app.ports = [...app.ports, ...added].toSorted();
}

function remove({ call, host, app }: AppRequest): number {
  if (!hasCertificate(app)) return fail(call, 'An app-specific SSL endpoint is not defined');
  call.out(`-----> Removing SSL endpoint from ${app.name}\n`);
  dropCertificate(app);
  return host.rebuildProxy(call, app.name);
}

/** Takes an app's certificate away, and its port. */
export function dropCertificate(app: App): void {
  for (const key of ['crt', 'key']) setProperty(app, 'certs', key, '');
  app.ports = app.ports.filter((map) => !map.startsWith('https:443:'));
}

function show({ call, app, rest }: AppRequest): number {
  const [what] = rest;
  if (what !== 'crt' && what !== 'key') return fail(call, "specify either 'key' or 'crt'");
  if (!hasCertificate(app)) return fail(call, `${app.name} doesn't have an SSL endpoint defined`);
  call.out(ownProperty(app, 'certs', what));
  return 0;
}
