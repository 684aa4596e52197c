import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { freePort } from '../../sandbox/free-port.ts';

test('many calls at once, in several processes, get different ports', async () => {
  const module = new URL('../../sandbox/free-port.ts', import.meta.url);
  const script = `
    const { freePort } = await import(${JSON.stringify(module.href)});
    console.log(JSON.stringify(await Promise.all(Array.from({ length: 200 }, freePort))));
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  `;
  const children = [1, 2, 3].map(() => execa(process.execPath, ['--input-type=module', '-e', script]));
  const lists = await Promise.all(children.map(readFirstLine));
  for (const child of children) child.stdin?.end();
  await Promise.all(children);
  const ports: number[] = lists.flatMap((line) => JSON.parse(line));
  expect(ports).toHaveLength(600);
  expect(new Set(ports).size).toBe(600);
});

test('a port that a program listens on is not returned', async () => {
  const port = await freePort();
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(port, resolve));
  expect(server.listening).toBe(true);
  const others = await Promise.all(Array.from({ length: 300 }, freePort));
  expect(others).not.toContain(port);
});

/** Returns the first line that a program prints. The program may go on. */
function readFirstLine({ stdout }: { readonly stdout: Readable }): Promise<string> {
  return new Promise((resolve) => {
    createInterface(stdout).once('line', resolve);
  });
}
