import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { execa } from 'execa';
import { createImageId } from '../host/retired.ts';
import { quoteWords } from '../host/split-command.ts';
import type { SandboxHost } from '../host/state.ts';
import { unpack } from './archive.ts';
import { createScratchFolder } from './host-git.ts';

interface SavedImage {
  readonly Config?: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers?: readonly string[];
}

/**
 * Reads an archive of `docker save`. The files, the command and the port of each image are kept; the command runs on this
 * machine. Returns the names of the images, or undefined if it is not such an archive.
 */
export async function loadImages(host: SandboxHost, bytes: Uint8Array): Promise<string[] | undefined> {
  await using work = await createScratchFolder(host);
  const [file, saved] = [join(work.path, 'image.tar'), join(work.path, 'image')];
  await mkdir(saved);
  await writeFile(file, bytes);
  // Docker accepts links between its own files, which git:from-archive refuses.
  const words = ['-x', '--no-same-owner', '-C', saved, '-f', file];
  const { exitCode } = await execa('tar', words, { env: { PATH: host.path }, reject: false });
  const images = exitCode === 0 ? await readJson<readonly SavedImage[]>(saved, 'manifest.json') : undefined;
  if (!images) return undefined;
  const tags: string[] = [];
  for (const image of images) tags.push(...(await loadOne(host, saved, image)));
  return tags;
}

async function readJson<T>(folder: string, name: string | undefined): Promise<T | undefined> {
  if (name === undefined || normalize(name).startsWith('..')) return undefined;
  try {
    return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
  } catch {
    return undefined;
  }
}

interface ImageConfig {
  readonly config?: {
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  };
}

async function loadOne(host: SandboxHost, saved: string, image: SavedImage): Promise<string[]> {
  const { config = {} } = (await readJson<ImageConfig>(saved, image.Config)) ?? {};
  const root = await unpackLayers(host, saved, image.Layers ?? []);
  const inside = join(root, normalize(`/${config.WorkingDir ?? ''}`));
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  const tags = [...(image.RepoTags ?? [])];
  for (const tag of tags) {
    host.state.images.set(tag, {
      id: createImageId(),
      folder: existsSync(inside) ? inside : root,
      command: words.length === 0 ? undefined : quoteWords(words),
      exposed: Object.keys(config.ExposedPorts ?? {})[0]?.split('/')[0],
      env: readEnv(config.Env ?? []),
    });
  }
  return tags;
}

/** Reads the variables of an image. The programs of apps are found on this machine's PATH instead of the image's. */
function readEnv(pairs: readonly string[]): Record<string, string> {
  const entries = pairs
    .map((pair) => pair.split(/=(.*)/s))
    .map(([key = '', value = '']) => [key, value] as const);
  return Object.fromEntries(entries.filter(([key]) => key !== 'PATH'));
}

async function unpackLayers(host: SandboxHost, saved: string, layers: readonly string[]): Promise<string> {
  const root = join(host.folder, 'images', randomBytes(6).toString('hex'));
  await mkdir(root, { recursive: true });
  for (const layer of layers.filter((name) => !normalize(name).startsWith('..'))) {
    // A layer with links that point outside is skipped: only the app's own files matter here.
    await unpack(join(saved, layer), 'tar', { folder: root, path: host.path });
  }
  return root;
}
