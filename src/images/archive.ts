import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable, type Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { DeployError } from '../errors.ts';
import { parseArchiveManifest } from './archive-manifest.ts';

/** An archive of `docker save`, kaniko or buildah, found to be whole. */
export interface ImageArchive {
  readonly path: string;
  /** Its size as it lies on the disk. */
  readonly bytes: number;
  readonly isCompressed: boolean;
  /** SHA-256 of the image's configuration, which names the content of each layer: Docker's own id of the image. */
  readonly imageId: string;
}

/**
 * Reads an archive from start to end, in bounded memory. It must be whole: an archive that was cut off is refused here and not by the
 * host.
 *
 * Throws `image-archive-invalid`.
 */
export async function inspectArchive(path: string): Promise<ImageArchive> {
  try {
    const { size: bytes } = await statFile(path);
    const isCompressed = await startsWithGzip(path);
    return {
      path,
      bytes,
      isCompressed,
      imageId: await findImageId(openArchive({ path, isCompressed }).content),
    };
  } catch (error) {
    throw error instanceof DeployError ? error : toArchiveError(path, error as Error);
  }
}

async function statFile(path: string) {
  const found = await stat(path);
  if (!found.isFile()) throw new Error('it is not a file');
  return found;
}

async function startsWithGzip(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
  const magic = buffer.toString('hex');
  if (/^(fd377a585a00|28b52ffd|425a68)/.test(magic))
    throw new Error('it is compressed with xz, zstd or bzip2; only gzip is supported');
  return magic.startsWith('1f8b');
}

/** An archive that is being read. */
export interface OpenArchive {
  /** Its content, uncompressed. */
  readonly content: Readable;
  /** Returns how many bytes of the file have been read. */
  readonly bytesRead: () => number;
}

export function openArchive({
  path,
  isCompressed,
}: Pick<ImageArchive, 'path' | 'isCompressed'>): OpenArchive {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  // An error of the file reaches whoever reads the content.
  const content = isCompressed ? pipeline(file, createGunzip(), () => {}) : file;
  return { content, bytesRead: () => file.bytesRead };
}

/** Bytes. A configuration has some KB, and what is larger is a layer. */
const maxConfig = 8 * 1024 ** 2;

async function findImageId(archive: Readable): Promise<string> {
  const names = new Set<string>();
  const hashes = new Map<string, string>();
  let manifest: string | undefined;
  for await (const entry of readEntries(archive)) {
    const name = normalizeName(entry.header.name);
    if (names.size >= maxEntries) throw new Error(`it has more than ${maxEntries} entries`);
    names.add(name);
    if (name === 'manifest.json') manifest = (await readEntry(entry)).toString();
    else if (entry.header.type === 'file' && (entry.header.size ?? 0) <= maxConfig)
      hashes.set(
        name,
        createHash('sha256')
          .update(await readEntry(entry))
          .digest('hex'),
      );
    else entry.resume();
  }
  const { config, layers } = parseArchiveManifest(manifest, names);
  const missing = [config, ...layers].find((name) => !names.has(normalizeName(name)));
  if (missing !== undefined) throw new Error(`it lacks ${missing}, which its manifest.json names`);
  const id = hashes.get(normalizeName(config));
  if (id === undefined) throw new Error(`${config} is not an image’s configuration`);
  return id;
}

/** An archive has some three entries for each layer, of which Docker allows 127. */
const maxEntries = 10_000;

/** An entry of a tar archive: its header, and its content as a stream. */
export type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

/** Returns the entries of a tar archive one after the other. Iterating throws for one that ends too early. */
export function readEntries(archive: Readable): AsyncIterable<Entry> {
  const entries = extract();
  // The error reaches whoever iterates.
  // The iteration throws errors. After it was left, nothing listens.
  entries.on('error', () => {});
  archive.once('error', (error) => entries.destroy(error));
  archive.pipe(entries as unknown as Writable);
  return entries;
}

export function normalizeName(name: string): string {
  return name.replace(/^(\.\/)+/, '');
}

/** Reads an entry whole. Throws for one that is too large for a file of names. */
export async function readEntry(entry: Entry): Promise<Buffer> {
  if ((entry.header.size ?? 0) > maxConfig) throw new Error(`${entry.header.name} is too large`);
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function toArchiveError(path: string, { message, cause }: Error): DeployError {
  return new DeployError('image-archive-invalid', {
    message: `${path} cannot be deployed as an image: ${message}.`,
    remedy:
      'Write it with docker save, kaniko --tar-path, or buildah push … docker-archive:image.tar, one image in each file, and pass it to this job as an artifact.',
    cause,
  });
}
