import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('the demo deploys an app twice, with migrations, and removes it, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  try {
    const { all, exitCode } = await execa(process.execPath, ['ci-examples/demo.ts'], {
      cwd: root,
      env: { TMPDIR: folder },
      all: true,
      reject: false,
      timeout: 120_000,
    });
    expect(exitCode, all).toBe(0);
    const pages = [...all.matchAll(/^ {4}HTTP (\d+)\n([\s\S]*?)(?=^\S|^$)/gm)].map(
      ([, status, body = '']) => ({
        status,
        rows: [...body.matchAll(/<b>(.*?)<\/b>/g)].map(([, author]) => author),
      }),
    );
    expect(pages).toEqual([
      { status: '200', rows: ['migration 001'] },
      { status: '200', rows: ['migration 001', 'migration 002'] },
      { status: '404', rows: [] },
    ]);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
