import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Upload } from '../../src/source/push-pack.ts';
import { ship } from '../../src/source/ship.ts';
import { repositoryHost } from '../support/git-host.ts';
import { aBare } from '../support/many-files.ts';
import { aRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

test('an upload is reported with its bytes and an estimate of its size', async () => {
  using project = aRepository();
  project.commit({ 'big.bin': randomBytes(6_000_000).toString('base64') });
  using bare = aBare();
  const uploads: { upload: Upload; total: Promise<number | undefined>; before: number }[] = [];
  const result = await ship({
    host: repositoryHost(join(bare.folder, '.git')),
    app: 'shop',
    branch: 'master',
    source: makeSource(project),
    childEnv,
    onLine: () => {},
    reportUpload: (upload) => {
      uploads.push({ upload, total: upload.total(), before: upload.sent() });
      return { [Symbol.dispose]: () => {} };
    },
  });
  const bytes = result.kind === 'pushed' ? result.bytes : 0;
  expect(uploads.map(({ upload, before }) => [before, upload.sent(), upload.isComplete()])).toEqual([
    [0, bytes, true],
  ]);
  const total = (await uploads[0]?.total) ?? 0;
  expect(Math.abs(total - bytes)).toBeLessThan(bytes / 10);
});
