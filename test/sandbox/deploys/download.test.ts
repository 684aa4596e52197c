import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { download } from '../../../sandbox/deploys/download.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'download-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['file:///etc/passwd', 1],
  ['gopher://127.0.0.1/', 1],
  ['not a url', 3],
  ['-', 2],
  ['http://127.0.0.1:1/x.tar', 7],
])('an archive is downloaded over http and https only: %s', async (url, exit) => {
  expect((await download(url, join(root, 'fetched'))).exit).toBe(exit);
});
