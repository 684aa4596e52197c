import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { ownProperty } from '../host/app-properties.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { createScratchFolder } from './host-git.ts';
import { loadImages } from './load-image.ts';
import { fetchBlob, fetchManifest, isLocalRegistry, RegistryError } from './registry-client.ts';

/** Pulls an image with the login of its app. Returns Docker's message if that fails. */
export async function pullImage(host: SandboxHost, app: App, image: string): Promise<string | undefined> {
  const { server, repository, reference } = splitName(image);
  if (!isLocalRegistry(server))
    return `Get "https://${server}/v2/": dial tcp: lookup ${server}: no such host`;
  const login = { server, basic: ownProperty(app, 'registry', `login-${server}`) || undefined };
  try {
    const manifest = await fetchManifest(login, repository, reference);
    await using work = await createScratchFolder(host);
    await mkdir(join(work.path, 'image'));
    const save = async (name: string, content: string | Buffer) => {
      await writeFile(join(work.path, 'image', name), content);
      return name;
    };
    const layers = manifest.layers.map(async ({ digest }, index) =>
      save(`layer-${index}.tar`, await fetchBlob(login, repository, digest)),
    );
    const Config = await save('config.json', await fetchBlob(login, repository, manifest.config.digest));
    const saved = [{ Config, RepoTags: [image], Layers: await Promise.all(layers) }];
    await save('manifest.json', JSON.stringify(saved));
    await loadImages(host, await archive(work.path));
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error.message;
    throw error;
  }
}

function splitName(image: string) {
  const [first = '', ...rest] = image.split('/');
  const hasServer = rest.length > 0 && /[.:]/.test(first);
  const server = hasServer ? first : 'registry.invalid';
  const path = hasServer ? rest.join('/') : image;
  const [name = '', digest] = path.split('@');
  const [repository = '', tag = 'latest'] = name.split(':');
  return { server, repository, reference: digest ?? tag };
}

async function archive(folder: string): Promise<Buffer> {
  const names = await readdir(join(folder, 'image'));
  await execa('tar', ['-c', '-f', join(folder, 'image.tar'), '-C', join(folder, 'image'), ...names]);
  return readFile(join(folder, 'image.tar'));
}
