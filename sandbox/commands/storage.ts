import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App, SandboxHost, StorageAttachment } from '../host/state.ts';
import { formatMount, isSameMount, mountsOf, readMountPath, toMount } from '../host/storage.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const report: Report = {
  title: 'storage',
  prefix: 'storage',
  bothKeys: true,
  rows: (app, { state }) => [
    ...['build', 'deploy', 'run'].map((phase) => {
      const mounts = mountsOf(state, app, phase).map((mount) => `-v ${formatMount(mount)}`);
      return [`Storage ${phase} mounts`, mounts.join(' ')] as const;
    }),
    ...app.mounts.flatMap((attachment, index) => {
      const mount = toMount(state, attachment);
      return Object.entries({
        'container path': mount.container_path,
        'entry name': mount.entry_name,
        'host path': mount.host_path,
        phases: attachment.phases.join(','),
        'process type': attachment.processType,
        readonly: String(attachment.isReadonly),
        subpath: attachment.subpath,
        'volume chown': attachment.chown,
        'volume options': attachment.options,
      }).map(([word, value]) => [`Storage attachment.${index + 1}.${word}`, value] as const);
    }),
  ],
};

/** The commands of Dokku's storage plugin on the mounts of an app. */
export const storage: Plugin = {
  'storage:list': withApp(list, { valued: ['--format'] }),
  'storage:mount': withApp(mount, {
    switches: ['--volume-readonly'],
    valued: [
      '--container-dir',
      '--phase',
      '--process-type',
      '--volume-subpath',
      '--volume-chown',
      '--volume-options',
    ],
  }),
  'storage:report': createReportHandler(report),
  'storage:unmount': withApp(unmount, { valued: ['--container-dir'] }),
};

function list({ call, host, app, flags }: AppRequest): number {
  const format = flags.get('--format') ?? 'text';
  if (format !== 'text' && format !== 'json') return fail(call, 'Invalid --format value specified');
  const mounts = mountsOf(host.state, app);
  if (format === 'json') {
    call.out(`${goJson(mounts)}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`-----> ${app.name} volume bind-mounts:\n`);
  for (const one of mounts) call.out(`${call.quiet ? '' : '       '}${formatMount(one)}\n`);
  return 0;
}

function mount(request: AppRequest): number {
  const { call, host, app, rest } = request;
  const [name = ''] = rest;
  if (name.includes(':')) return mountPath(call, host, app, name);
  const { flags } = request;
  if (!host.state.storage.has(name)) return fail(call, missingEntry(name));
  const containerPath = flags.get('--container-dir') ?? '';
  if (containerPath === '')
    return fail(call, '--container-dir is required when mounting a named storage entry');
  const attachment: StorageAttachment = {
    entryName: name,
    containerPath,
    phases: flags.get('--phase')?.split(',') ?? ['deploy', 'run'],
    processType: flags.get('--process-type') || '_default_',
    subpath: flags.get('--volume-subpath') ?? '',
    isReadonly: flags.has('--volume-readonly'),
    options: flags.get('--volume-options') ?? '',
    chown: flags.get('--volume-chown') ?? '',
  };
  const at = app.mounts.findIndex((one) => isSameMount(one, attachment));
  const where = `at ${containerPath} on ${app.name}`;
  app.mounts.splice(at === -1 ? app.mounts.length : at, at === -1 ? 0 : 1, attachment);
  const done = at === -1 ? `mounted ${where}` : `mount ${where} updated`;
  call.out(`-----> Storage entry ${name} ${done}\n`);
  return 0;
}

/** Mounts a path of the host, or a volume of Docker. Dokku creates an entry for it, which outlives the mount. */
function mountPath(call: Call, { state }: SandboxHost, app: App, path: string): number {
  const wrong = findProblem(path);
  if (wrong !== undefined) return fail(call, wrong);
  const { entry, attachment } = readMountPath(path);
  if (!state.storage.has(entry.name)) state.storage.set(entry.name, entry);
  if (app.mounts.some((one) => isSameMount(one, attachment))) return fail(call, 'Mount path already exists.');
  app.mounts.push(attachment);
  return 0;
}

const colonRule = 'Storage path must be two valid paths divided by colon.';

function findProblem(path: string): string | undefined {
  if (path.startsWith('/')) return /^\/.*:\//.test(path) ? undefined : colonRule;
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+:\//.test(path)) return undefined;
  return `Volume name must be two characters or more. Volume name must not contain invalid characters. ${colonRule}`;
}

function missingEntry(name: string): string {
  return `storage entry "${name}" does not exist; create it first with \`dokku storage:create\``;
}

function unmount({ call, app, rest: [name = ''], flags }: AppRequest): number {
  if (name.includes(':')) return unmountPath(call, app, name);
  const where = flags.get('--container-dir') ?? '';
  const found = app.mounts.filter(
    ({ entryName, containerPath }) => entryName === name && (where === '' || containerPath === where),
  );
  const place = `mounted${where === '' ? '' : ` at "${where}"`} on app "${app.name}"`;
  if (found.length === 0) return fail(call, `storage entry "${name}" is not ${place}`);
  if (found.length > 1 && where === '') {
    const paths = found.map(({ containerPath }) => containerPath).toSorted();
    return fail(
      call,
      `storage entry "${name}" is mounted at multiple paths on app "${app.name}" (${paths.join(', ')}); pass --container-dir to disambiguate`,
    );
  }
  for (const one of found) app.mounts.splice(app.mounts.indexOf(one), 1);
  return 0;
}

function unmountPath(call: Call, app: App, path: string): number {
  const wrong = findProblem(path);
  if (wrong !== undefined) return fail(call, wrong);
  const { attachment } = readMountPath(path);
  const at = app.mounts.findIndex(
    ({ entryName, containerPath }) =>
      entryName === attachment.entryName && containerPath === attachment.containerPath,
  );
  if (at === -1) return fail(call, 'Mount path does not exist.');
  app.mounts.splice(at, 1);
  return 0;
}
