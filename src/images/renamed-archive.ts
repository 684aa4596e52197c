import { pipeline, Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import {
  type Entry,
  type ImageArchive,
  normalizeName,
  type OpenArchive,
  openArchive,
  readEntries,
  readEntry,
} from './archive.ts';
import { renameInIndex, renameInManifest } from './archive-manifest.ts';

/**
 * Returns the bytes of an archive whose image has this name instead of its own: Dokku compares names only, and needs one that the
 * archive contains. It is read as fast as the result is, in bounded memory, and compressed if the file is.
 */
export function renameArchive(
  archive: Pick<ImageArchive, 'path' | 'isCompressed'>,
  image: string,
): OpenArchive {
  const renamed = pack();
  const { content: source, bytesRead } = openArchive(archive);
  copyEntries(source, renamed, image).then(
    () => renamed.finalize(),
    (error: Error) => renamed.destroy(error),
  );
  renamed.on('error', () => source.destroy());
  renamed.once('close', () => source.destroy());
  const plain = Readable.from(renamed, { objectMode: false });
  const content = archive.isCompressed ? pipeline(plain, createGzip(fastest), () => {}) : plain;
  // An error is thrown by the iteration. Before that begins, and after it was left, nothing listens.
  content.on('error', () => {});
  return { content, bytesRead };
}

const fastest = { level: constants.Z_BEST_SPEED };

async function copyEntries(source: Readable, renamed: Pack, image: string): Promise<void> {
  for await (const entry of readEntries(source)) {
    const { header } = entry;
    const name = normalizeName(header.name);
    // The old list of names, which only a Docker without manifest.json reads.
    if (name === 'repositories') entry.resume();
    else if (name === 'manifest.json') await replace(entry, renamed, (text) => renameInManifest(text, image));
    else if (name === 'index.json') await replace(entry, renamed, (text) => renameInIndex(text, image));
    else await copy(entry, renamed);
  }
}

async function replace(entry: Entry, renamed: Pack, change: (text: string) => string): Promise<void> {
  const content = Buffer.from(change((await readEntry(entry)).toString()));
  renamed.entry({ ...entry.header, size: content.length }, content);
}

function copy(entry: Entry, renamed: Pack): Promise<void> {
  return new Promise((resolve, reject) => {
    entry.on('error', reject);
    const copied = renamed.entry(entry.header, (error) => (error ? reject(error) : resolve()));
    copied.on('error', reject);
    entry.pipe(copied);
  });
}
