import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { extract, type Header } from 'tar-stream';

/** A file or link of an image. */
export interface ImageFile {
  /** Without the slash at the front. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly mtime: number;
  readonly kind: string;
  /** Where a link points. */
  readonly target: string | undefined;
}

/** What an image consists of. */
export interface ImageContents {
  readonly files: readonly ImageFile[];
  /** The text of the files that dpkg's own words are in, by name. */
  readonly status: ReadonlyMap<string, string>;
}

/** The bytes of a layer as it is stored, and as a registry keeps it: `gzip -9`. */
export interface LayerSize {
  readonly raw: number;
  readonly compressed: number;
}

/** Weighs an image's layers. */
export function measureLayers(image: string): Promise<LayerSize[]> {
  return forEachLayer(image, async (path) => ({
    raw: (await stat(path)).size,
    compressed: await compressedSize(path),
  }));
}

/** Takes an image's layers out of the Docker daemon and does something with the path of each, in order. */
async function forEachLayer<Result>(
  image: string,
  use: (path: string) => Promise<Result>,
): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    await execa('docker', ['save', '--output', join(folder, 'image.tar'), image]);
    await execa('tar', ['-xf', 'image.tar'], { cwd: folder });
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    const [{ Layers }] = manifest as [{ Layers: string[] }];
    const results: Result[] = [];
    for (const layer of Layers) results.push(await use(join(folder, layer)));
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// The program, and not Node's zlib, which is quicker at the price of some size.
async function compressedSize(path: string): Promise<number> {
  let size = 0;
  const gzip = execa('gzip', ['-9nc', path], { encoding: 'buffer', buffer: false });
  for await (const chunk of gzip.iterable()) size += (chunk as Uint8Array).length;
  return size;
}

const statusFolder = 'var/lib/dpkg/status.d/';

/** Lists an image's files, those of a later layer last. */
export async function readImage(image: string): Promise<ImageContents> {
  const status = new Map<string, string>();
  const layers = await forEachLayer(image, async (path) => {
    const files: ImageFile[] = [];
    for await (const entry of createReadStream(path).pipe(extract())) {
      const file = toImageFile(entry.header);
      files.push(file);
      if (file.kind === 'file' && file.path.startsWith(statusFolder)) {
        status.set(file.path.slice(statusFolder.length), await text(entry));
      } else entry.resume();
    }
    return files;
  });
  return { files: layers.flat(), status };
}

function toImageFile({ name, size, mode, uid, mtime, type, linkname }: Header): ImageFile {
  return {
    path: name.replace(/^\.?\/|\/$/g, ''),
    size: size ?? 0,
    // Some builders write the kind of file into it too.
    mode: (mode ?? 0) & 0o7777,
    uid: uid ?? 0,
    mtime: (mtime?.getTime() ?? 0) / 1_000,
    kind: type ?? 'file',
    target: linkname ?? undefined,
  };
}
