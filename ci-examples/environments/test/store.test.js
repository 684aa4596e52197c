import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { isName, list, read, save } from '../store.js';

test('a saved file is listed and read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'uploads-'));
  t.after(() => rm(folder, { recursive: true }));
  await save('a.txt', 'hello', folder);
  assert.deepEqual(await list(folder), ['a.txt']);
  assert.equal(String(await read('a.txt', folder)), 'hello');
});

test('a name stays in the folder', () => {
  assert.equal(isName('../secret.txt'), false);
});
