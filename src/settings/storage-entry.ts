import { posix } from 'node:path';
import { z } from 'zod';
import type { Mount } from '../dokku/storage.ts';
import type { SettingResolver } from './setting.ts';

const text = z.string().trim().min(1);

/** A mount in the file. */
export const mountSchema = z.union(
  [
    text.describe('A folder of the host: /srv/data:/app/data, or /srv/data:/app/data:ro.'),
    z.strictObject({
      name: text
        .optional()
        .describe(
          'A named storage entry of Dokku, which is created with its folder if the host lacks it. Can use the job’s $VARIABLES and $APP.',
        ),
      folder: text.optional().describe('A folder of the host, instead of name. Dokku does not create it.'),
      mount: text.describe('The path in the app’s containers.'),
      readonly: z.boolean().optional().describe('Whether the app can only read it. Default: false'),
      chown: z
        .union([z.string(), z.number().int()])
        .optional()
        .describe(
          'The owner of the folder of a new entry: a user id, herokuish, heroku, paketo or root. Default: dokku’s own user.',
        ),
    }),
  ],
  { error: 'expected /folder:/path, or an object with name or folder, and mount' },
);

export type MountEntry = z.infer<typeof mountSchema>;

/** A mount that is declared. */
export interface DeclaredMount extends Mount {
  /** The owner of the folder of a new entry. */
  readonly chown?: string;
}

/** Returns what an entry of `storage` means; undefined if that is not known. */
export function resolveMount(
  entry: MountEntry,
  at: string,
  resolver: SettingResolver,
): DeclaredMount | undefined {
  if (typeof entry === 'string') return resolveShortForm(entry, at, resolver);
  const { name, folder, mount, readonly: isReadonly = false, chown } = entry;
  if ((name === undefined) === (folder === undefined)) {
    resolver.problem(
      at,
      'needs name or folder, and not both',
      'A name is a storage entry of Dokku, a folder a path of the host.',
    );
    return undefined;
  }
  const path = resolvePath(mount, `${at}.mount`, resolver);
  const options = { path, isReadonly };
  if (folder !== undefined)
    return checkShared(
      folder,
      { kind: 'folder', source: resolveFolder(folder, `${at}.folder`, resolver), ...options },
      { at, resolver },
    );
  const source = resolveName(name ?? '', `${at}.name`, resolver);
  const owner = chown === undefined ? {} : { chown: resolveOwner(String(chown), `${at}.chown`, resolver) };
  return checkShared(name ?? '', { kind: 'entry', source, ...options, ...owner }, { at, resolver });
}

/** Reads `/folder:/path:ro`. In Dokku `name:/path` is a volume of Docker, not the entry of that name (facts-2, F52). */
function resolveShortForm(raw: string, at: string, resolver: SettingResolver): DeclaredMount | undefined {
  const [folder = '', path, options, ...rest] = resolver.text(raw, at).trim().split(':');
  if (!folder.startsWith('/') && path !== undefined && !folder.includes('$')) {
    resolver.problem(
      at,
      `${JSON.stringify(folder)} is not an absolute path`,
      `Mount a storage entry by its name: {name: ${folder}, mount: ${path}}.`,
    );
    return undefined;
  }
  if (path === undefined || rest.length > 0 || !['ro', 'rw', undefined].includes(options)) {
    resolver.problem(at, `${JSON.stringify(raw)} is not a mount`, 'Write /folder:/path or /folder:/path:ro.');
    return undefined;
  }
  return resolveMount({ folder, mount: path, readonly: options === 'ro' }, at, resolver);
}

function resolvePath(raw: string, at: string, resolver: SettingResolver): string {
  const path = resolver.text(raw, at).trim();
  if (path.includes('$')) return path;
  if (!isAbsolute(path) || normalize(path) === '/')
    resolver.problem(
      at,
      `${JSON.stringify(path)} is not an absolute path in the app’s containers`,
      'Begin it with /, without .., colons and spaces: /app/public/uploads.',
    );
  return normalize(path);
}

function resolveFolder(raw: string, at: string, resolver: SettingResolver): string {
  const folder = resolver.text(raw, at).trim();
  if (folder.includes('$')) return folder;
  if (!isAbsolute(folder))
    resolver.problem(
      at,
      `${JSON.stringify(folder)} is not an absolute path on the host`,
      'Begin it with /, without .., colons and spaces, or use name for a storage entry of Dokku.',
    );
  return normalize(folder);
}

/** Docker gets the paths unquoted and separated by a colon. */
function isAbsolute(path: string): boolean {
  return /^\/[^\s:,'"\\]*$/.test(path) && !path.split('/').includes('..');
}

function normalize(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

/** Dokku's own rule for the names of entries (its storage plugin, 0.38). */
function resolveName(raw: string, at: string, resolver: SettingResolver): string {
  const name = resolver.text(raw, at).trim();
  if (name.includes('$')) return name;
  const isName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 45;
  if (!isName || name.startsWith('legacy-'))
    resolver.problem(
      at,
      `${JSON.stringify(name)} is not the name of a storage entry`,
      'Names have small letters, digits and dashes, at most 45, and do not begin with legacy-.',
    );
  return name;
}

const owners = ['herokuish', 'heroku', 'paketo', 'packeto', 'root'];

function resolveOwner(raw: string, at: string, resolver: SettingResolver): string {
  const owner = resolver.text(raw, at).trim();
  const isId = /^\d{1,5}$/.test(owner) && Number(owner) < 65_536;
  if (!isId && !owners.includes(owner) && !owner.includes('$'))
    resolver.problem(
      at,
      `${JSON.stringify(owner)} is not an owner that Dokku knows`,
      `Write a user id (1000), or one of ${owners.join(', ')}.`,
    );
  return owner;
}

/** A folder that all branches write to would be one that they break for each other, or production’s. */
function checkShared(
  raw: string,
  mount: DeclaredMount,
  { at, resolver }: { readonly at: string; readonly resolver: SettingResolver },
): DeclaredMount {
  if (resolver.target === 'review' && !mount.isReadonly && !resolver.isOfBranch(raw, mount.source))
    resolver.problem(
      at,
      `${JSON.stringify(mount.source)} is the same for all branches, and each review app would write to it`,
      'Put the app’s name into it ($APP-uploads), mount it with readonly: true, or declare it under environments.',
    );
  return mount;
}
