import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { end, startHostileHost } from '../reliability/hostile-host.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { watchMemory } from '../support/peak-memory.ts';
import { aRepository } from '../support/repository.ts';

/** Bytes of the layer. */
const size = 400_000_000;

/** Writes an archive whose only layer is that large, in pieces. */
const writeArchive = async (path: string): Promise<void> => {
  const archive = pack();
  const written = pipeline(archive as unknown as Readable, createWriteStream(path));
  archive.entry({ name: 'config.json' }, '{}');
  const layer = archive.entry({ name: 'layer.tar', size }) as unknown as Writable;
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let count = 0; count < size; count += piece.length)
    if (!layer.write(piece)) await once(layer, 'drain');
  layer.end();
  archive.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: 'config.json', RepoTags: [], Layers: ['layer.tar'] }]),
  );
  archive.finalize();
  await written;
};

test('an archive of any size is sent whole, in bounded memory', async () => {
  let received = 0;
  await using host = await startHostileHost(
    new Map([
      [
        'git:load-image',
        (channel, connection) => {
          channel.on('data', (chunk: Buffer) => {
            received += chunk.length;
          });
          channel.once('end', () => end(1, ' !     No space left on device\n')(channel, connection));
        },
      ],
    ]),
  );
  using repository = aRepository('main');
  repository.commit({ 'index.html': '' });
  await writeArchive(join(repository.folder, 'image.tar'));
  const argv = ['deploy', 'production', '--app', 'large', '--image-archive', 'image.tar'];
  const { child, result } = startProgram(sourceCommand(...argv), { cwd: repository.folder, env: host.env });
  const peakMemory = watchMemory(child);
  const { exit, output } = await result;
  expect([exit, output.includes('No space left on device')]).toEqual([4, true]);
  expect(received).toBeGreaterThan(size);
  expect(peakMemory()).toBeLessThan(250_000_000);
});
