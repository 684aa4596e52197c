import { execa } from 'execa';

export type ArchiveType = 'tar' | 'tar.gz' | 'zip';

/** The result of unpacking. */
export interface UnpackResult {
  readonly exit: number;
  /** Dokku's messages about the archive's safety, with their newlines. */
  readonly events: string;
  /** Why the archive was refused, in Dokku's words. */
  readonly problem?: string;
  /** The output of the program that unpacked. */
  readonly output?: string;
}

interface UnpackOptions {
  readonly folder: string;
  /** The PATH on which tar and unzip are found. */
  readonly path: string;
  /** How many leading folders are removed from each name. */
  readonly strip?: number;
}

/**
 * Unpacks an archive into a folder. An archive with an entry that points outside the folder is refused before anything is
 * written (Dokku's `archive-functions`). `file` is the archive.
 */
export async function unpack(file: string, type: ArchiveType, options: UnpackOptions): Promise<UnpackResult> {
  return type === 'zip' ? unpackZip(file, options) : unpackTar(file, type, options);
}

async function unpackTar(
  file: string,
  type: ArchiveType,
  { folder, path, strip = 0 }: UnpackOptions,
): Promise<UnpackResult> {
  // For a plain tar, GNU tar finds out itself whether the archive is compressed.
  const flags = type === 'tar.gz' ? ['-z'] : [];
  const names = await run('tar', [...flags, '-t', '-f', file], path);
  if (names.exit !== 0) return { exit: names.exit, events: '' };
  const details = await run('tar', [...flags, '-t', '-v', '-f', file], path);
  const refused = findUnsafeEntry(names.stdout.split('\n'), details.stdout.split('\n'));
  if (refused) return refuse(refused, type, file);
  const events = formatEvent('extraction_started', type, file, `dest=${folder}`);
  const words = ['-x', ...flags, '--no-same-owner', `--strip-components=${strip}`, '-C', folder, '-f', file];
  const { exit, all } = await run('tar', words, path);
  if (exit !== 0) return { exit, events, output: all };
  return {
    exit,
    events: events + formatEvent('extraction_completed', type, file, `dest=${folder}`),
    output: all,
  };
}

interface ProgramResult {
  readonly exit: number;
  readonly stdout: string;
  /** Standard output and error as they came. */
  readonly all: string;
}

async function run(program: string, words: readonly string[], path: string): Promise<ProgramResult> {
  const { exitCode, stdout, all } = await execa(program, words, {
    env: { PATH: path, LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
    all: true,
  });
  return { exit: exitCode ?? 2, stdout, all };
}

interface UnsafeEntry {
  readonly event: string;
  readonly details: string;
  readonly problem: string;
}

/** Finds what Dokku refuses: in the list of names, and in the detailed list for the targets of links. */
function findUnsafeEntry(names: readonly string[], details: readonly string[]): UnsafeEntry | undefined {
  if (names.some((name) => name.startsWith('/'))) {
    const problem = 'Archive contains entries with absolute paths';
    return { event: 'rejected_absolute_path', details: 'absolute path detected', problem };
  }
  if (names.some((name) => name.split('/').includes('..'))) {
    const problem = 'Archive contains entries with parent directory traversal';
    return { event: 'rejected_path_traversal', details: 'parent directory traversal detected', problem };
  }
  // Of hard links, tar itself keeps the target inside the folder.
  const links = details.filter((line) => line.startsWith('l'));
  for (const target of links.map((line) => line.split(' -> ').at(-1) ?? '')) {
    const event = 'rejected_unsafe_symlink';
    if (target.startsWith('/')) {
      const problem = 'Archive contains symlinks with absolute targets';
      return { event, details: `absolute symlink target=${target}`, problem };
    }
    if (target.includes('..')) {
      const problem = 'Archive contains symlinks pointing outside extraction directory';
      return { event, details: `traversal symlink target=${target}`, problem };
    }
  }
  return undefined;
}

function refuse({ event, details, problem }: UnsafeEntry, type: ArchiveType, file: string): UnpackResult {
  return { exit: 1, events: formatEvent(event, type, file, details), problem };
}

/** Formats the line that Dokku logs about an archive. */
function formatEvent(event: string, type: string, source: string, details: string): string {
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return `[archive-security] timestamp=${at} user=dokku event=${event} archive_type=${type} source=${source} details=${details}\n`;
}

async function unpackZip(file: string, { folder, path }: UnpackOptions): Promise<UnpackResult> {
  const names = (await run('unzip', ['-Z1', file], path)).stdout.split('\n');
  if (names.some((name) => name.startsWith('/') || name.split('/').includes('..'))) {
    const details = 'absolute or traversal path detected';
    const problem = 'Archive contains entries with unsafe paths';
    return refuse({ event: 'rejected_unsafe_zip_path', details, problem }, 'zip', file);
  }
  const events = formatEvent('extraction_started', 'zip', file, `dest=${folder}`);
  const { exit, all } = await run('unzip', ['-o', '-d', folder, file], path);
  if (exit !== 0) return { exit, events, output: all };
  if (await hasUnsafeLink(folder, path)) {
    return { exit: 1, events, problem: 'Archive contains symlinks pointing outside extraction directory' };
  }
  return {
    exit,
    events: events + formatEvent('extraction_completed', 'zip', file, `dest=${folder}`),
    output: all,
  };
}

/** Returns whether an unpacked link points outside the folder. As in Dokku, a zip is checked after unpacking. */
async function hasUnsafeLink(folder: string, path: string): Promise<boolean> {
  const { stdout } = await run('find', [folder, '-type', 'l', '-printf', '%l\n'], path);
  return stdout.split('\n').some((link) => link.startsWith('/') || link.split('/').includes('..'));
}

/**
 * Counts the leading folders that all names of a tar have in common, as Dokku does to remove them, and returns what tar
 * prints meanwhile. The common start of the names counts up to its last slash, even if it ends within a name.
 */
export async function countCommonFolders(
  file: string,
  path: string,
): Promise<{ readonly count: number; readonly messages: string }> {
  const { exitCode, stdout, stderr } = await execa('tar', ['-t', '-f', file], {
    env: { PATH: path, LC_ALL: 'C' },
    extendEnv: false,
    reject: false,
  });
  const names = exitCode === 0 ? stdout.split('\n') : [];
  const [first = ''] = names;
  const common = names.reduce((prefix, name) => {
    let length = 0;
    while (length < prefix.length && prefix[length] === name[length]) length += 1;
    return prefix.slice(0, length);
  }, first);
  return { count: common.split('/').length - 1, messages: stderr === '' ? '' : `${stderr}\n` };
}
