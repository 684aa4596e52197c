import { afterEach, expect, test, vi } from 'vitest';
import { openRepository } from '../../src/source/repository.ts';
import { aRepository } from '../support/repository.ts';
import { makeSource } from '../support/source.ts';

afterEach(() => vi.unstubAllEnvs());

test('a TMPDIR that does not exist is reported, with the variable to set', async () => {
  using repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
  vi.stubEnv('TMPDIR', '/nonexistent/of-a-driver');
  await expect(openRepository(makeSource(repository), { PATH: process.env.PATH })).rejects.toMatchObject({
    code: 'source-failed',
    message: 'A temporary folder could not be created in /nonexistent/of-a-driver.',
    remedy: 'Set TMPDIR to a folder that exists and is writable.',
  });
});
