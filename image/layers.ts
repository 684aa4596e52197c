import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { extract, type Header } from 'tar-stream';

/** A file or link of an image. */
export interface ImageFile {
  /** Without the leading slash. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly mtime: number;
  readonly kind: string;
  /** Where a link points. */
  readonly target: string | undefined;
}

/** The files of an image. */
export interface ImageContents {
  readonly files: readonly ImageFile[];
  /** The contents of dpkg's metadata files, by file name. */
  readonly status: ReadonlyMap<string, string>;
}

/** The size of a layer in bytes: unpacked, and compressed with `gzip -9`, as a registry stores it. */
export interface LayerSize {
  readonly raw: number;
  readonly compressed: number;
}

/** Measures an image's layers. */
export function measureLayers(image: string): Promise<LayerSize[]> {
  return forEachLayer(image, async (path) => ({
    raw: (await stat(path)).size,
    compressed: await compressedSize(path),
  }));
}

/** Exports an image from the Docker daemon and calls `use` with the path of each layer, in order. */
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

// The gzip program, because Node's zlib trades some size for speed.
async function compressedSize(path: string): Promise<number> {
  let size = 0;
  const gzip = execa('gzip', ['-9nc', path], { encoding: 'buffer', buffer: false });
  for await (const chunk of gzip.iterable()) size += (chunk as Uint8Array).length;
  return size;
}

const statusFolder = 'var/lib/dpkg/status.d/';

/** Lists an image's files, in the order of its layers. */
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
    // Some builders include the file type in the mode.
    mode: (mode ?? 0) & 0o7777,
    uid: uid ?? 0,
    mtime: (mtime?.getTime() ?? 0) / 1_000,
    kind: type ?? 'file',
    target: linkname ?? undefined,
  };
}
