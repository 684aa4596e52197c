import type { Command } from './command.ts';

/** A folder of the host in an app's containers. */
export interface Mount {
  /** `entry`: a named storage entry of Dokku. `folder`: a path of the host (or a volume of Docker, which Dokku writes alike). */
  readonly kind: 'entry' | 'folder';
  /** The name of the entry, or the path. */
  readonly source: string;
  /** Where the containers have it. */
  readonly path: string;
  readonly isReadonly: boolean;
}

/** A mount that an app has. */
export interface AppMount extends Mount {
  /** Whether it has what `mountCommand` gives to it: no process type of its own, no phases, options or owner. */
  readonly isPlain: boolean;
  /** The options that follow its paths: `:ro`, or nothing. */
  readonly suffix: string;
}

/** Prints all mounts of an app, with their phases and options (JSON from Dokku 0.38). */
export function reportMounts(app: string): Command {
  return { words: ['storage:report', app, '--format', 'json'] };
}

/** Reads the values of the answer to `reportMounts`. */
export function readMounts(report: ReadonlyMap<string, string>): AppMount[] {
  const numbers = [...report.keys()].flatMap((key) => /^attachment\.(\d+)\.entry-name$/.exec(key)?.[1] ?? []);
  return numbers.map((number) => {
    const value = (key: string) => report.get(`attachment.${number}.${key}`) ?? '';
    const entry = value('entry-name');
    const isEntry = !entry.startsWith('legacy-');
    const isReadonly = value('readonly') === 'true';
    const options = [...(isReadonly ? ['ro'] : []), value('volume-options')].filter(
      (option) => option !== '',
    );
    return {
      kind: isEntry ? 'entry' : 'folder',
      source: isEntry ? entry : value('host-path'),
      path: value('container-path'),
      isReadonly,
      isPlain:
        ['', '_default_'].includes(value('process-type')) &&
        value('phases').split(',').sort().join() === 'deploy,run' &&
        ['subpath', 'volume-options', 'volume-chown'].every((key) => value(key) === ''),
      suffix: options.length === 0 ? '' : `:${options.join(',')}`,
    };
  });
}

/** Prints the named storage entries of the host as a JSON list. */
export function listStorageEntries(): Command {
  return { words: ['storage:list-entries', '--format', 'json'] };
}

/** Creates a named storage entry and its folder; of an existing one, only the owner changes. */
export function createStorageEntry(name: string, chown: string | undefined): Command {
  return { words: ['storage:create', name, ...(chown === undefined ? [] : ['--chown', chown])] };
}

/** Mounts a folder for deploys and `run`. For an entry that is mounted there, this sets whether it is read-only. */
export function mountCommand(app: string, { kind, source, path, isReadonly }: Mount): Command {
  return kind === 'entry'
    ? {
        words: [
          ...['storage:mount', app, source, '--container-dir', path],
          ...(isReadonly ? ['--volume-readonly'] : []),
        ],
      }
    : { words: ['storage:mount', app, `${source}:${path}${isReadonly ? ':ro' : ''}`] };
}

/** Removes a mount. The folder and its entry stay. */
export function unmountCommand(app: string, { kind, source, path, suffix }: AppMount): Command {
  return {
    words:
      kind === 'entry'
        ? ['storage:unmount', app, source, '--container-dir', path]
        : ['storage:unmount', app, `${source}:${path}${suffix}`],
  };
}
