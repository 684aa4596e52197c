import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import type { RecordedSnapshot } from '../../src/source/host-snapshot.ts';
import { ship } from '../../src/source/ship.ts';
import type { Host } from '../../src/ssh/host.ts';
import { repositoryHost } from './git-host.ts';
import { aRepository, type TestRepository } from './repository.ts';
import { childEnv } from './source.ts';

/** Files in one folder, with contents that cannot be compressed. */
export const manyFiles = (folder: string, count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, number): [string, string] => [
      `${folder}/file-${number}.txt`,
      createHash('sha512').update(`${folder} ${number}`).digest('base64'),
    ]),
  );

export const writeFiles = (folder: string, files: Record<string, string>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
};

/** A bare repository like Dokku's. */
export const aBare = (): TestRepository => {
  const bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  return bare;
};

interface Push {
  readonly source: Source;
  readonly recorded?: RecordedSnapshot | undefined;
  readonly host?: Host & { readonly lines: readonly string[] };
}

/** Ships once, which must succeed. Returns what to record, the bytes that were sent, and the programs that were opened. */
export const pushTo = async (
  bare: TestRepository,
  { source, recorded, host = repositoryHost(join(bare.folder, '.git')) }: Push,
) => {
  const options = { host, app: 'shop', branch: 'master', source, recorded, childEnv, onLine: () => {} };
  const result = await ship(options);
  if (result.kind !== 'pushed' || !result.accepted) throw new Error(JSON.stringify(result));
  expect(bare.git('fsck', '--strict', '--connectivity-only')).not.toContain('missing');
  return { ...result, opened: host.lines.map((line) => line.split(' ')[0]) };
};
