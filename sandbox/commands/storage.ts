import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fail, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const colonRule = 'Storage path must be two valid paths divided by colon.';

const report: Report = {
  title: 'storage',
  prefix: 'storage',
  bothKeys: true,
  rows: (app) => [
    ['Storage build mounts', ''],
    ['Storage deploy mounts', formatMounts(app)],
    ['Storage run mounts', formatMounts(app)],
    ...app.mounts.flatMap((path, index) => {
      const entry = asEntry(path);
      const label = (word: string) => `Storage attachment.${index + 1}.${word}`;
      return [
        [label('container path'), String(entry.container_path)],
        [label('host path'), String(entry.host_path)],
        [label('phases'), 'deploy,run'],
        [label('process type'), '_default_'],
        [label('readonly'), String(entry.readonly ?? false)],
        [label('subpath'), ''],
        [label('volume chown'), ''],
        [label('volume options'), String(entry.volume_options ?? '')],
      ] as [string, string][];
    }),
  ],
};

/** Dokku's storage plugin for mount paths. Named entries are not supported. */
export const storage: Plugin = {
  'storage:ensure-directory': ensure,
  'storage:list': withApp(list, { valued: ['--format'] }),
  'storage:mount': createChangeHandler(mount),
  'storage:report': createReportHandler(report),
  'storage:unmount': createChangeHandler(unmount),
};

function formatMounts(app: App): string {
  return app.mounts.map((path) => `-v ${path}`).join(' ');
}

function asEntry(path: string): Record<string, unknown> {
  const [host_path, container_path, volume_options = ''] = path.split(':');
  const readonly = volume_options.split(',').includes('ro');
  const others = volume_options
    .split(',')
    .filter((option) => option !== 'ro' && option !== '')
    .join(',');
  return {
    host_path,
    container_path,
    ...(readonly ? { readonly } : {}),
    ...(others === '' ? {} : { volume_options: others }),
  };
}

const owners: Readonly<Record<string, string>> = {
  herokuish: '32767',
  heroku: '1000',
  packeto: '2000',
  paketo: '2000',
  root: '0',
};

function ensure(call: Call, host: SandboxHost): number {
  const { positional, flags } = parseWords(call.words, { valued: ['--chown'] });
  const [name = ''] = positional;
  if (name === '') return fail(call, 'Please specify a directory to create');
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    return fail(call, 'Directory can only contain the following set of characters: [A-Za-z0-9_-]');
  const chown = flags.get('--chown') ?? 'herokuish';
  const owner = owners[chown] ?? (/^\d{1,5}$/.test(chown) && Number(chown) < 65_536 ? chown : undefined);
  if (owner === undefined && chown !== 'false') return fail(call, 'Unsupported chown permissions');
  call.out(`-----> Ensuring /var/lib/dokku/data/storage/${name} exists\n`);
  mkdirSync(join(host.folder, 'storage', name), { recursive: true });
  if (call.quiet) return 0;
  if (owner !== undefined) call.out(`       Setting directory ownership to ${owner}:${owner}\n`);
  call.out('       Directory ready for mounting\n');
  return 0;
}

function list({ call, app, flags }: AppRequest): number {
  const format = flags.get('--format') ?? 'text';
  if (format !== 'text' && format !== 'json') return fail(call, 'Invalid --format value specified');
  if (format === 'json') {
    call.out(`${goJson(app.mounts.map(asEntry))}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`-----> ${app.name} volume bind-mounts:\n`);
  for (const path of app.mounts) call.out(call.quiet ? `${path}\n` : `       ${path}\n`);
  return 0;
}

type Change = (call: Call, app: App, mount: string) => number;

function createChangeHandler(change: Change): Handler {
  return withApp(
    ({ call, app, rest: [path = ''] }) => {
      if (!path.includes(':')) {
        const missing = `storage entry "${path}" does not exist; create it first with \`dokku storage:create\``;
        return fail(call, missing);
      }
      const wrong = findProblem(path);
      return wrong === undefined ? change(call, app, path) : fail(call, wrong);
    },
    { valued: ['--container-dir', '--phase', '--process-type'] },
  );
}

function findProblem(mount: string): string | undefined {
  if (mount.startsWith('/')) return /^\/.*:\//.test(mount) ? undefined : colonRule;
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+:\//.test(mount)) return undefined;
  return `Volume name must be two characters or more. Volume name must not contain invalid characters. ${colonRule}`;
}

function mount(call: Call, app: App, path: string): number {
  if (app.mounts.includes(path)) return fail(call, 'Mount path already exists.');
  app.mounts.push(path);
  return 0;
}

function unmount(call: Call, app: App, path: string): number {
  const at = app.mounts.indexOf(path);
  if (at === -1) return fail(call, 'Mount path does not exist.');
  app.mounts.splice(at, 1);
  return 0;
}
