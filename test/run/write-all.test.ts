import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { writeAll } from '../../src/run/write-all.ts';

const large = Buffer.alloc(100_000, 'x');

test('a slow reader is waited for', async () => {
  const stream = new PassThrough();
  const written = writeAll(stream, large);
  expect(stream.writableNeedDrain).toBe(true);
  stream.resume();
  await written;
  expect(stream.writableNeedDrain).toBe(false);
});

test('a reader that is gone ends the command, instead of being waited for', async () => {
  const stream = new PassThrough();
  stream.on('error', () => {});
  const written = writeAll(stream, large);
  stream.destroy(new Error('write EPIPE'));
  await expect(written).rejects.toMatchObject({
    code: 'run-failed',
    message: 'The output of the command cannot be passed on (write EPIPE).',
  });
  expect(() => writeAll(stream, large)).toThrow('cannot be passed on');
});
