import { createHash } from 'node:crypto';
import type { App, SandboxState, StorageAttachment, StorageEntry } from './state.ts';

/** The folder of the host that contains the folders of storage entries. */
export const storageFolder = '/var/lib/dokku/data/storage';

/** One mount of an app, as `storage:list` shows it. */
export interface StorageMount {
  readonly entry_name: string;
  readonly host_path: string;
  readonly container_path: string;
  readonly readonly?: boolean;
  readonly volume_options?: string;
}

/** Returns the mounts of an app in a phase, in the order of their entries' names. */
export function mountsOf(state: SandboxState, app: App, phase = 'deploy'): StorageMount[] {
  return app.mounts
    .filter(({ phases }) => phases.includes(phase))
    .toSorted((a, b) => compare(a.entryName, b.entryName) || compare(a.containerPath, b.containerPath))
    .map((attachment) => toMount(state, attachment));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Returns a mount with the path of its entry. */
export function toMount(
  { storage }: SandboxState,
  { entryName, containerPath, isReadonly, options }: StorageAttachment,
): StorageMount {
  return {
    entry_name: entryName,
    host_path: storage.get(entryName)?.hostPath ?? entryName,
    container_path: containerPath,
    ...(isReadonly ? { readonly: true } : {}),
    ...(options === '' ? {} : { volume_options: options }),
  };
}

/** Formats a mount as `host:container[:options]`. */
export function formatMount({ host_path, container_path, readonly, volume_options }: StorageMount): string {
  const options = [...(readonly ? ['ro'] : []), ...(volume_options ? [volume_options] : [])].join(',');
  return `${host_path}:${container_path}${options === '' ? '' : `:${options}`}`;
}

/** Returns the entry and the attachment that Dokku stores for a mount path such as `/data:/app/data:ro`. */
export function readMountPath(path: string): {
  readonly entry: StorageEntry;
  readonly attachment: StorageAttachment;
} {
  const [hostPath = '', containerPath = '', rest = ''] = path.split(/:([^:]*):?(.*)/s);
  const input = hostPath.startsWith('/') ? hostPath : `vol:${hostPath}`;
  const name = `legacy-${createHash('sha1').update(input).digest('hex').slice(0, 10)}`;
  const options = rest.split(',').filter((option) => option !== '');
  return {
    entry: { name, scheduler: 'docker-local', hostPath },
    attachment: {
      entryName: name,
      containerPath,
      phases: ['deploy', 'run'],
      processType: '_default_',
      subpath: '',
      isReadonly: options.includes('ro'),
      options: options.filter((option) => option !== 'ro').join(','),
      chown: '',
    },
  };
}

/** Returns whether two attachments are the same mount. */
export function isSameMount(a: StorageAttachment, b: StorageAttachment): boolean {
  return (
    a.entryName === b.entryName && a.containerPath === b.containerPath && a.processType === b.processType
  );
}
