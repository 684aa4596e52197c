import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import { inspectArchive } from '../../src/images/archive.ts';
import { renameArchive } from '../../src/images/renamed-archive.ts';
import { buildImage, digestOf, dockerArchive, tarOf } from '../support/image.ts';
import { aFolder } from '../support/repository.ts';

const { folder, [Symbol.dispose]: remove } = aFolder();
afterAll(remove);

let count = 0;
const save = (bytes: Uint8Array): string => {
  count += 1;
  const path = join(folder, `${count}.tar`);
  writeFileSync(path, bytes);
  return path;
};

/** What is read from an archive with these bytes, or the message of the error. */
const inspect = async (bytes: Uint8Array) =>
  inspectArchive(save(bytes)).then(
    ({ imageId, isCompressed }) => ({ imageId, isCompressed }),
    ({ message, code }: Error & { code: string }) => `${code}: ${message.replace(folder, '')}`,
  );

const image = await buildImage({ files: { page: 'one' } });
const imageId = digestOf(image.config).slice('sha256:'.length);
const manifest = (more: object = {}) =>
  JSON.stringify([{ Config: 'config.json', RepoTags: ['shop:1'], Layers: ['layer.tar'], ...more }]);
const parts = { 'layer.tar': image.layer, 'config.json': image.config };

/** The files of a tar archive by name. */
const filesOf = async (bytes: Uint8Array): Promise<Map<string, string>> => {
  const files = new Map<string, string>();
  for await (const entry of Readable.from([bytes]).pipe(
    extract() as unknown as NodeJS.WritableStream,
  ) as unknown as ReturnType<typeof extract>)
    files.set(entry.header.name, (await buffer(entry as unknown as Readable)).toString());
  return files;
};

describe('inspectArchive', () => {
  test('identifies an image by its configuration, plain or compressed, whatever the order of its files', async () => {
    const saved = await dockerArchive({ files: { page: 'one' } });
    expect(await inspect(saved)).toEqual({ imageId, isCompressed: false });
    expect(await inspect(gzipSync(saved))).toEqual({ imageId, isCompressed: true });
    const first = await tarOf({ './manifest.json': manifest(), ...parts });
    expect(await inspect(first)).toEqual({ imageId, isCompressed: false });
  });

  test.each([
    ['has no manifest', { 'layer.tar': 'x' }, 'it has no manifest.json'],
    [
      'is an OCI archive',
      { 'oci-layout': '{}', 'index.json': '{}' },
      'it is an OCI archive without a manifest.json',
    ],
    [
      'has two images',
      { ...parts, 'manifest.json': `[${manifest().slice(1, -1)},${manifest().slice(1, -1)}]` },
      'it has 2 images instead of one',
    ],
    [
      'lacks a layer',
      { ...parts, 'manifest.json': manifest({ Layers: ['other.tar'] }) },
      'it lacks other.tar',
    ],
    [
      'has a manifest of another form',
      { ...parts, 'manifest.json': '{}' },
      'its manifest.json is not a list of images',
    ],
    [
      'has a manifest without a configuration',
      { 'manifest.json': '[{}]' },
      'its manifest.json names no configuration',
    ],
    [
      'has a manifest with nothing for an image',
      { 'manifest.json': '[null]' },
      'its manifest.json names no configuration',
    ],
    ['has a manifest that is not JSON', { 'manifest.json': '<' }, 'its manifest.json is not JSON'],
  ])('refuses an archive that %s', async (_, files: Record<string, string | Uint8Array>, message) => {
    expect(await inspect(await tarOf(files))).toMatch(/^image-archive-invalid: /);
    expect(await inspect(await tarOf(files))).toContain(message);
  });

  test('refuses an archive that was cut off at any place', async () => {
    const saved = await dockerArchive({ files: { page: 'one'.repeat(500) } });
    for (const whole of [saved, gzipSync(saved)]) {
      for (const share of [0, 0.1, 0.3, 0.5, 0.7, 0.8])
        expect(await inspect(whole.subarray(0, Math.floor(whole.length * share)))).toMatch(
          /^image-archive-invalid/,
        );
    }
  });

  test('refuses what is not a tar archive, not compressed with gzip, not a file, or not there', async () => {
    expect(await inspect(Buffer.from('x'.repeat(2_000)))).toMatch(/^image-archive-invalid/);
    expect(await inspect(Buffer.from('28b52ffd000000', 'hex'))).toContain('only gzip is supported');
    await expect(inspectArchive(folder)).rejects.toThrow('it is not a file');
    await expect(inspectArchive(join(folder, 'missing.tar'))).rejects.toThrow('no such file');
  });
});

describe('renameArchive', () => {
  const rename = async (bytes: Uint8Array, isCompressed = false) =>
    buffer(renameArchive({ path: save(bytes), isCompressed }, 'dokku-deploy.invalid/shop:id').content);

  test('gives the image the name, and leaves all other files as they are', async () => {
    const index = { schemaVersion: 2, manifests: [{ digest: 'sha256:x', annotations: { kept: 'yes' } }] };
    const files = {
      ...parts,
      'manifest.json': manifest(),
      'index.json': JSON.stringify(index),
      repositories: '{}',
    };
    const renamed = await filesOf(await rename(await tarOf(files)));
    expect([...renamed.keys()]).toEqual(['layer.tar', 'config.json', 'manifest.json', 'index.json']);
    expect(renamed.get('layer.tar')).toBe(image.layer.toString());
    expect(JSON.parse(renamed.get('manifest.json') ?? '')).toEqual([
      { Config: 'config.json', RepoTags: ['dokku-deploy.invalid/shop:id'], Layers: ['layer.tar'] },
    ]);
    expect(JSON.parse(renamed.get('index.json') ?? '').manifests).toEqual([
      {
        digest: 'sha256:x',
        annotations: {
          kept: 'yes',
          'io.containerd.image.name': 'dokku-deploy.invalid/shop:id',
          'org.opencontainers.image.ref.name': 'id',
        },
      },
    ]);
  });

  test('keeps links, as docker save makes them for layers that are there twice', async () => {
    const archive = pack();
    archive.entry({ name: 'a/layer.tar' }, 'layer');
    archive.entry({ name: 'b/layer.tar', type: 'symlink', linkname: '../a/layer.tar' });
    archive.entry({ name: 'manifest.json' }, manifest());
    archive.finalize();
    const entries: string[] = [];
    const renamed = await rename(await buffer(archive as unknown as Readable));
    for await (const entry of Readable.from([renamed]).pipe(
      extract() as unknown as NodeJS.WritableStream,
    ) as unknown as ReturnType<typeof extract>) {
      entries.push(`${entry.header.name} ${entry.header.type} ${entry.header.linkname ?? ''}`);
      entry.resume();
    }
    expect(entries.slice(0, 2)).toEqual(['a/layer.tar file ', 'b/layer.tar symlink ../a/layer.tar']);
  });

  test('compresses what was compressed', async () => {
    const saved = gzipSync(await tarOf({ ...parts, 'manifest.json': manifest() }));
    expect((await filesOf(gunzipSync(await rename(saved, true)))).size).toBe(3);
  });

  test('throws if the file ends too early or cannot be read any more', async () => {
    const saved = await tarOf({ ...parts, 'manifest.json': manifest() });
    await expect(rename(saved.subarray(0, 1_000))).rejects.toThrow();
    const missing = renameArchive({ path: join(folder, 'missing.tar'), isCompressed: false }, 'x:1');
    await expect(buffer(missing.content)).rejects.toThrow('no such file');
  });

  test('reads a large archive no faster than its reader, in bounded memory', async () => {
    const path = join(folder, 'large.tar');
    const archive = pack();
    const written = pipeline(archive as unknown as Readable, createWriteStream(path));
    archive.entry({ name: 'layer.tar' }, Buffer.alloc(200_000_000));
    archive.entry({ name: 'manifest.json' }, manifest());
    archive.finalize();
    await written;
    const { content, bytesRead } = renameArchive({ path, isCompressed: false }, 'x:1');
    let bytes = 0;
    let ahead = 0;
    for await (const chunk of content) {
      bytes += (chunk as Buffer).length;
      ahead = Math.max(ahead, bytesRead() - bytes);
    }
    expect(bytes).toBeGreaterThan(200_000_000);
    expect(ahead).toBeLessThan(5_000_000);
  });
});
