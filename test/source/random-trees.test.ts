import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ship } from '../../src/source/ship.ts';
import { receivingHost } from '../support/git-host.ts';
import { commitRandomTree, createRandom } from '../support/random-tree.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const treesPerSeed = 3;

const shipTo = (bare: TestRepository, repository: TestRepository, extra: Record<string, string>) =>
  ship({
    host: receivingHost(join(bare.folder, '.git')),
    app: 'boutique',
    branch: 'master',
    source: makeSource(repository, { extra }),
    childEnv,
    onLine: () => {},
  });

test.each([1, 2])('every tree arrives byte for byte: seed %i', async (seed) => {
  const random = createRandom(seed);
  using repository = aRepository();
  using bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  for (let number = 0; number < treesPerSeed; number += 1) {
    const tree = commitRandomTree(repository, random);
    const shipped = await shipTo(bare, repository, {});
    expect(shipped).toMatchObject({ kind: 'pushed', accepted: true });
    expect(bare.git('rev-parse', 'master^{tree}')).toBe(tree);
  }
});

test.each([11, 12])(
  'with a file added at the root, the rest of the tree arrives byte for byte: seed %i',
  async (seed) => {
    const random = createRandom(seed);
    using repository = aRepository();
    using bare = aRepository('master');
    bare.git('config', 'core.bare', 'true');
    for (let number = 0; number < treesPerSeed; number += 1) {
      const tree = commitRandomTree(repository, random);
      const shipped = await shipTo(bare, repository, { 'app.json': '{}' });
      expect(shipped).toMatchObject({ kind: 'pushed', accepted: true });
      const blob = bare.git('rev-parse', 'master:app.json');
      repository.git('read-tree', tree);
      repository.git('update-index', '--add', '--replace', '--cacheinfo', `100644,${blob},app.json`);
      expect(bare.git('rev-parse', 'master^{tree}')).toBe(repository.git('write-tree', '--missing-ok'));
      expect(bare.git('cat-file', 'blob', blob)).toBe('{}');
    }
  },
);
