import { randomFillSync } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { watchMemory } from '../support/peak-memory.ts';
import { aRepository } from '../support/repository.ts';

/** Bytes of each file: two of them are larger than what git keeps in memory. */
const sizes = [200_000_000, 200_000_000, ...Array.from({ length: 100 }, () => 1_000_000)];

async function* randomPieces(size: number): AsyncGenerator<Buffer> {
  for (let count = 0; count < size; count += 1_000_000) yield randomFillSync(Buffer.allocUnsafe(1_000_000));
}

test('a folder of 500 MB is sent in bounded memory', { timeout: 300_000 }, async () => {
  await using sandbox = await startSandbox({ services: [] });
  using repository = aRepository('main');
  repository.commit({ '.gitignore': 'dist\n' });
  const dist = join(repository.folder, 'dist');
  mkdirSync(dist);
  for (const [number, size] of sizes.entries())
    await pipeline(Readable.from(randomPieces(size)), createWriteStream(join(dist, `${number}.bin`)));
  await pipeline(Readable.from(['large']), createWriteStream(join(dist, 'index.html')));
  const { child, result } = startProgram(
    sourceCommand('deploy', 'production', '--app', 'large', '--dir', 'dist'),
    { cwd: repository.folder, env: sandbox.env },
  );
  const peakMemory = watchMemory(child);
  const { exit, output } = await result;
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);
  expect(Number(/shipped, (\d+) bytes/.exec(output)?.[1])).toBeGreaterThan(500_000_000);
  expect(peakMemory()).toBeLessThan(250_000_000);
});
