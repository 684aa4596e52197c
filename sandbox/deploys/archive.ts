import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { execa } from 'execa';
import { extract } from 'tar-stream';

export type ArchiveType = 'tar' | 'tar.gz' | 'zip';

/** The result of unpacking: an exit code, and the reason in Dokku's words if it has one. */
export interface UnpackResult {
  readonly exit: number;
  readonly problem?: string;
  /** The output of the program that unpacked. */
  readonly output?: string;
}

/**
 * Unpacks an archive into a folder. An archive with an entry that points outside the folder is refused before anything is
 * written (Dokku's `archive-functions`). `file` is the archive.
 */
export async function unpack(
  file: string,
  type: ArchiveType,
  { folder, path }: { readonly folder: string; readonly path: string },
): Promise<UnpackResult> {
  const options = { env: { PATH: path, LC_ALL: 'C' }, extendEnv: false, reject: false, all: true } as const;
  if (type === 'zip') {
    const problem = await zipProblem(file, path);
    if (problem !== undefined) return { exit: 1, problem };
    const { exitCode = 1, all } = await execa('unzip', ['-o', '-d', folder, file], options);
    const link = await linkProblem(folder, path);
    return link === undefined ? { exit: exitCode, output: all } : { exit: 1, problem: link };
  }
  try {
    const problem = await tarProblem(file, type);
    if (problem !== undefined) return { exit: 1, problem };
  } catch {
    // tar's exit code for an unreadable archive; Dokku discards its output.
    return { exit: 2 };
  }
  const flags = type === 'tar.gz' ? ['-x', '-z'] : ['-x'];
  const { exitCode = 2, all } = await execa(
    'tar',
    [...flags, '--no-same-owner', '-C', folder, '-f', file],
    options,
  );
  return { exit: exitCode, output: all };
}

async function zipProblem(file: string, path: string): Promise<string | undefined> {
  const { stdout } = await execa('unzip', ['-Z1', file], {
    env: { PATH: path },
    extendEnv: false,
    reject: false,
  });
  const unsafe = stdout.split('\n').some((name) => name.startsWith('/') || name.split('/').includes('..'));
  return unsafe ? 'Archive contains entries with unsafe paths' : undefined;
}

/** Finds links that point outside the folder. As in Dokku, the links of a zip are checked after unpacking. */
async function linkProblem(folder: string, path: string): Promise<string | undefined> {
  const options = { env: { PATH: path }, extendEnv: false, reject: false } as const;
  const { stdout } = await execa('find', [folder, '-type', 'l', '-printf', '%l\n'], options);
  const unsafe = stdout.split('\n').some((link) => link.startsWith('/') || link.split('/').includes('..'));
  return unsafe ? 'Archive contains symlinks pointing outside extraction directory' : undefined;
}

/** Checks the entries of a tar before any is written. Throws if the file is not a tar. */
async function tarProblem(file: string, type: ArchiveType): Promise<string | undefined> {
  let problem: string | undefined;
  let entries = 0;
  const reader = extract();
  reader.on('entry', ({ name, linkname }, stream, next) => {
    entries += 1;
    problem ??= entryProblem(name, linkname ?? undefined);
    stream.on('end', next);
    // The pipeline reports an error; without a listener here it would end the sandbox too.
    stream.on('error', () => {});
    stream.resume();
  });
  // Like GNU tar, this recognizes a compressed archive whatever it was announced as.
  if (type === 'tar.gz' || (await isGzip(file)))
    await pipeline(createReadStream(file), createGunzip(), reader);
  else await pipeline(createReadStream(file), reader);
  if (entries === 0) throw new Error('This does not look like a tar archive');
  return problem;
}

async function isGzip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 1 })) {
    return (chunk as Buffer).equals(Buffer.of(0x1f, 0x8b));
  }
  return false;
}

function entryProblem(name: string, link: string | undefined): string | undefined {
  if (name.startsWith('/')) return 'Archive contains entries with absolute paths';
  if (name.split('/').includes('..')) return 'Archive contains entries with parent directory traversal';
  if (link?.startsWith('/')) return 'Archive contains symlinks with absolute targets';
  if (link?.includes('..')) return 'Archive contains symlinks pointing outside extraction directory';
  return undefined;
}

/** Formats the line that Dokku logs about an archive. */
export function formatSecurityEvent(event: string, type: string, source: string, into: string): string {
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return `[archive-security] timestamp=${at} user=dokku event=${event} archive_type=${type} source=${source} details=dest=${into}\n`;
}

/** Downloads an archive to a file. Returns curl's exit code and output. Only http and https are allowed. */
export async function download(url: string, file: string): Promise<UnpackResult> {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    return { exit: 3, output: 'curl: (3) URL using bad/illegal format or missing URL' };
  }
  if (address.protocol !== 'http:' && address.protocol !== 'https:') {
    const scheme = address.protocol.slice(0, -1);
    return { exit: 1, output: `curl: (1) Protocol "${scheme}" not supported or disabled in libcurl` };
  }
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    return { exit: 0, output: `\r${'#'.repeat(72)} 100.0%` };
  } catch {
    const port = address.port || (address.protocol === 'https:' ? '443' : '80');
    return {
      exit: 7,
      output: `curl: (7) Failed to connect to ${address.hostname} port ${port} after 0 ms: Couldn't connect to server`,
    };
  }
}
