import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSecurityEvent, unpack } from '../deploys/archive.ts';
import { createScratchFolder } from '../deploys/host-git.ts';
import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const report: Report = {
  title: 'ssl',
  prefix: 'ssl',
  rows: (app) => {
    const found = certificateOf(app);
    const names = found?.subjectAltName?.replaceAll('DNS:', '').replaceAll(',', '') ?? '';
    return [
      ['Ssl dir', `/home/dokku/${app.name}/tls`],
      ['Ssl enabled', String(found !== undefined)],
      ['Ssl expires at', found?.validTo ?? ''],
      ['Ssl hostnames', names || (found?.subject.match(/CN=(.*)/)?.[1] ?? '')],
      ['Ssl issuer', found ? spaceName(found.issuer) : ''],
      ['Ssl starts at', found?.validFrom ?? ''],
      ['Ssl subject', found?.subject.replaceAll('\n', '; ') ?? ''],
      [
        'Ssl verified',
        found ? (isSelfSigned(found) ? 'self signed' : 'verified by a certificate authority') : '',
      ],
    ];
  },
};

/** Dokku's certs plugin. Certificates are stored and reported; the sandbox itself serves plain HTTP. */
export const certs: Plugin = {
  'certs:add': withApp(add),
  'certs:remove': withApp(remove),
  'certs:report': createReportHandler(report),
  'certs:show': withApp(show),
  'certs:update': withApp(add),
};

function certificateOf(app: App): X509Certificate | undefined {
  const pem = readKept(app, 'crt');
  return pem === '' ? undefined : new X509Certificate(pem);
}

function readKept(app: App, key: string): string {
  return ownProperty(app, 'certs', key);
}

function spaceName(name: string): string {
  return name.replaceAll('\n', ', ').replaceAll('=', ' = ');
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject;
}

async function add({ call, host, app, rest }: AppRequest): Promise<number> {
  const [crt] = rest;
  // Paths name files on the host's disk, which an SSH client doesn't have.
  if (crt !== undefined) return fail(call, 'CRT file specified not found, please check file paths');
  const bytes = await call.readBytes();
  if (bytes.length === 0)
    return fail(call, 'Tar archive containing server.crt and server.key expected on stdin');
  await using work = await createScratchFolder(host);
  const [file, folder] = [join(work.path, 'archive'), join(work.path, 'certs')];
  await mkdir(folder);
  await writeFile(file, bytes);
  const { exit, problem } = await unpack(file, 'tar', { folder, path: host.path });
  if (problem !== undefined) return fail(call, problem);
  if (exit !== 0) return exit;
  printExtraction(call, file, folder);
  const names = await readdir(folder);
  const wrong = one(names, '.crt') || one(names, '.key');
  if (wrong !== '') return fail(call, wrong);
  const pem = await readFile(fileWith(folder, names, '.crt'), 'utf8');
  try {
    new X509Certificate(pem);
  } catch {
    return fail(call, 'Unable to parse the certificate');
  }
  setProperty(app, 'certs', 'crt', pem);
  setProperty(app, 'certs', 'key', await readFile(fileWith(folder, names, '.key'), 'utf8'));
  return configure(call, host, app);
}

function printExtraction(call: Call, file: string, folder: string): void {
  call.err(formatSecurityEvent('extraction_started', 'tar', file, folder));
  call.err(formatSecurityEvent('extraction_completed', 'tar', file, folder));
}

function one(names: readonly string[], ending: string): string {
  const found = names.filter((name) => name.endsWith(ending));
  if (found.length === 0) return `Tar archive is missing ${ending} file`;
  return found.length > 1 ? `Tar archive contains more than one ${ending} file` : '';
}

function fileWith(folder: string, names: readonly string[], ending: string): string {
  return join(folder, names.find((name) => name.endsWith(ending)) ?? '');
}

function configure(call: Call, host: SandboxHost, app: App): number {
  const secure = readKept(app, 'crt') !== '';
  return host.rebuildProxy(
    {
      ...call,
      out: (text) =>
        call.out(
          secure
            ? String(text).replace(
                'Creating http nginx.conf\n',
                'Creating https nginx.conf\n       Enabling HSTS (using built-in template)\n',
              )
            : text,
        ),
    },
    app.name,
  );
}

function remove({ call, host, app }: AppRequest): number {
  if (readKept(app, 'crt') === '') return fail(call, 'An app-specific SSL endpoint is not defined');
  call.out(`-----> Removing SSL endpoint from ${app.name}\n`);
  for (const key of ['crt', 'key']) setProperty(app, 'certs', key, '');
  return configure(call, host, app);
}

function show({ call, app, rest }: AppRequest): number {
  const [what] = rest;
  if (what !== 'crt' && what !== 'key') return fail(call, "specify either 'key' or 'crt'");
  if (readKept(app, 'crt') === '') return fail(call, `${app.name} doesn't have an SSL endpoint defined`);
  call.out(readKept(app, what));
  return 0;
}
