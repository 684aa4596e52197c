import { mkdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { confirm, fail, parseWords, unknownFlag } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { SandboxHost, StorageEntry } from '../host/state.ts';
import { storageFolder } from '../host/storage.ts';

/** The commands of Dokku's storage plugin on the named entries of the host. */
export const storageEntries: Plugin = {
  'storage:create': create,
  'storage:destroy': destroy,
  'storage:ensure-directory': ensure,
  'storage:exec': exec,
  'storage:info': info,
  'storage:list-entries': list,
};

/** The flags of `storage:create`, with what pflag prints about them. */
const createFlags: Readonly<Record<string, string>> = {
  '--access-mode': 'string          --access-mode: PVC access mode (k3s only)',
  '--annotation': 'strings          --annotation key=value: PVC annotation (repeatable)',
  '--chown': 'string                --chown: chown option (docker-local only)',
  '--label': 'strings               --label key=value: PVC label (repeatable)',
  '--mode':
    'string                 --mode: octal permissions for the host directory, such as 0755 (docker-local only)',
  '--namespace': 'string            --namespace: PVC namespace (k3s only)',
  '--reclaim-policy':
    'string       --reclaim-policy: reclaim policy for the underlying volume (Retain or Delete)',
  '--scheduler':
    'string            --scheduler: target scheduler (docker-local, k3s) (default "docker-local")',
  '--size': 'string                 --size: PVC size (k3s only, e.g. 2Gi)',
  '--storage-class-name': 'string   --storage-class-name: PVC storage class (k3s only)',
};

function create(call: Call, { state, folder }: SandboxHost): number {
  const { positional, flags, unknown } = parseWords(call.words, { valued: Object.keys(createFlags) });
  if (unknown !== undefined) {
    const usage = Object.entries(createFlags).map(([flag, text]) => `      ${flag} ${text}`);
    return unknownFlag(call, unknown, usage);
  }
  const [name = '', path] = positional;
  const hostPath = path ?? `${storageFolder}/${name}`;
  const chown = flags.get('--chown') ?? '';
  const problem = findNameProblem(name) ?? findEntryProblem(name, hostPath, flags);
  if (problem !== undefined) return fail(call, problem);
  const existing = state.storage.get(name);
  if (existing && !call.quiet) call.out(`-----> Storage entry ${name} already exists, leaving in place\n`);
  const exit = createFolder(call, folder, { hostPath, chown, isNew: existing === undefined });
  if (exit !== 0) return exit;
  state.storage.set(name, {
    name,
    scheduler: 'docker-local',
    hostPath,
    ...(chown === '' ? {} : { chown }),
  });
  call.out(`-----> Storage entry ${name} created\n`);
  return 0;
}

function findNameProblem(name: string): string | undefined {
  if (name === '') return 'storage entry name is required';
  if (name.length > 45)
    return `storage entry name "${name}" is too long (max 45 characters); helm release names cap our budget`;
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name))
    return `storage entry name "${name}" must be a DNS-1123 label (lowercase letters, digits, and dashes; cannot start or end with a dash)`;
  return name.startsWith('legacy-')
    ? `storage entry name "${name}" must not start with reserved prefix "legacy-"`
    : undefined;
}

function findEntryProblem(
  name: string,
  hostPath: string,
  flags: ReadonlyMap<string, string>,
): string | undefined {
  const scheduler = flags.get('--scheduler') ?? 'docker-local';
  if (scheduler === 'k3s')
    return flags.has('--size')
      ? `scheduler refused storage entry "${name}": Unable to create kubernetes client: stat /etc/rancher/k3s/k3s.yaml: no such file or directory`
      : `storage entry "${name}" (k3s) requires --size`;
  if (scheduler !== 'docker-local')
    return `storage entry "${name}" has unsupported scheduler "${scheduler}" (supported: docker-local, k3s)`;
  if (!hostPath.startsWith('/') && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(hostPath))
    return `storage entry "${name}" host_path must be an absolute path or a docker named volume token, got "${hostPath}"`;
  const refused = ['--size', '--storage-class-name', '--access-mode'].find((flag) => flags.get(flag));
  return refused === undefined
    ? undefined
    : `storage entry "${name}" (docker-local) does not accept ${refused}`;
}

interface FolderOptions {
  readonly hostPath: string;
  readonly chown: string;
  readonly isNew: boolean;
}

/** Creates a folder below Dokku's own one. Any other path of the host is left alone. */
function createFolder(call: Call, root: string, { hostPath, chown, isNew }: FolderOptions): number {
  const inside = posix.relative(storageFolder, hostPath);
  if (!hostPath.startsWith('/') || inside === '' || inside.startsWith('..')) return 0;
  mkdirSync(join(root, 'storage', inside), { recursive: true });
  if (isNew) call.out(`       Created ${hostPath}\n`);
  if (chown === '' || chown === 'false') return 0;
  const owner = ownerOf(chown);
  if (owner === undefined) return fail(call, 'Unsupported chown permissions');
  call.out(`       Setting directory ownership to ${owner}:${owner}\n`);
  return 0;
}

const owners: ReadonlyMap<string, string> = new Map([
  ['herokuish', '32767'],
  ['heroku', '1000'],
  ['packeto', '2000'],
  ['paketo', '2000'],
  ['root', '0'],
]);

/** Returns the user id that a name or a number stands for, undefined if it is neither. */
function ownerOf(chown: string): string | undefined {
  const isId = /^\d{1,5}$/.test(chown) && Number(chown) < 65_536;
  return owners.get(chown) ?? (isId ? chown : undefined);
}

async function destroy(call: Call, { state }: SandboxHost): Promise<number> {
  const { positional, flags } = parseWords(call.words, { switches: ['--force', '--destroy-host-dir'] });
  const [name = ''] = positional;
  if (name === '') return fail(call, 'storage entry name is required');
  const entry = state.storage.get(name);
  if (!entry) return fail(call, `storage entry "${name}" does not exist`);
  const users = [...state.apps.values()]
    .filter(({ mounts }) => mounts.some(({ entryName }) => entryName === name))
    .map((app) => app.name)
    .toSorted();
  if (users.length > 0)
    return fail(call, `storage entry "${name}" is still mounted by app(s): ${users.join(', ')}`);
  const removesFolder = flags.has('--destroy-host-dir');
  const ownFolder = `${storageFolder}/${name}`;
  if (removesFolder && entry.hostPath !== ownFolder)
    return fail(
      call,
      `--destroy-host-dir is only supported when the storage entry uses the default host path (${ownFolder}); omit --destroy-host-dir and manage ${entry.hostPath} manually`,
    );
  if (!call.force && !flags.has('--force') && !(await confirm(call, 'storage entry', name))) return 1;
  if (removesFolder) call.out(`       Removed ${entry.hostPath}\n`);
  state.storage.delete(name);
  call.out(`-----> Storage entry ${name} destroyed\n`);
  return 0;
}

function ensure(call: Call, host: SandboxHost): number {
  fail(call, "Deprecated: please use 'storage:create' instead of 'storage:ensure-directory'");
  const { positional, flags } = parseWords(call.words, { valued: ['--chown'] });
  const [name = ''] = positional;
  if (name === '') return fail(call, 'Please specify a directory to create');
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    return fail(call, 'Directory can only contain the following set of characters: [A-Za-z0-9_-]');
  const chown = flags.get('--chown') ?? 'herokuish';
  const owner = ownerOf(chown);
  if (owner === undefined && chown !== 'false') return fail(call, 'Unsupported chown permissions');
  call.out(`-----> Ensuring ${storageFolder}/${name} exists\n`);
  mkdirSync(join(host.folder, 'storage', name), { recursive: true });
  if (call.quiet) return 0;
  if (owner !== undefined) call.out(`       Setting directory ownership to ${owner}:${owner}\n`);
  call.out('       Directory ready for mounting\n');
  return 0;
}

/** Docker would run an image that the sandbox cannot pull. */
function exec(call: Call, { state }: SandboxHost): number {
  const { positional, flags } = parseWords(call.words, { valued: ['--image', '--as-user'] });
  const [name] = positional;
  if (name === undefined) return fail(call, 'storage:exec requires a storage entry name');
  if (!state.storage.has(name)) return fail(call, `storage entry "${name}" does not exist`);
  call.err(`Unable to find image '${flags.get('--image') ?? 'alpine:3'}' locally
docker: Error response from daemon: Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host

Run 'docker run --help' for more information
`);
  return 125;
}

function info(call: Call, { state }: SandboxHost): number {
  const { positional, flags } = parseWords(call.words, { valued: ['--format'] });
  const [name = ''] = positional;
  if (name === '') return fail(call, 'storage entry name is required');
  const entry = state.storage.get(name);
  if (!entry) return fail(call, `storage entry "${name}" does not exist`);
  if (flags.get('--format') === 'json') {
    call.out(`${JSON.stringify(view(entry), undefined, 2)}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`-----> Storage entry ${name}\n`);
  const rows = { Scheduler: entry.scheduler, 'Host path': entry.hostPath, Chown: entry.chown ?? '' };
  for (const [label, value] of Object.entries(rows))
    if (value !== '') call.out(`       ${`${label}:`.padEnd(18)}${value}\n`);
  return 0;
}

function view({ name, scheduler, hostPath, chown }: StorageEntry): Record<string, unknown> {
  return { name, scheduler, host_path: hostPath, ...(chown ? { chown } : {}), schema_version: 1 };
}

function list(call: Call, { state }: SandboxHost): number {
  const { flags } = parseWords(call.words, { valued: ['--scheduler', '--format'] });
  const wanted = flags.get('--scheduler') || undefined;
  const entries = [...state.storage.values()]
    .filter(({ scheduler }) => wanted === undefined || scheduler === wanted)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (flags.get('--format') === 'json') {
    call.out(`${JSON.stringify(entries.map(view), undefined, 2)}\n`);
    return 0;
  }
  if (!call.quiet) call.out('-----> Storage entries:\n');
  for (const { name, scheduler, hostPath } of entries)
    call.out(`       ${name}\t${scheduler}\t${hostPath}\n`);
  return 0;
}
