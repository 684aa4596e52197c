import { chmodSync, existsSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { findCommit, ship } from '../../src/source/ship.ts';
import { receivingHost } from '../support/git-host.ts';
import { aClone, aFolder, aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const aBare = (): TestRepository => {
  const bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  return bare;
};

const shipTo = (bare: TestRepository, source: Source, PATH = childEnv.PATH) =>
  ship({
    host: receivingHost(join(bare.folder, '.git')),
    app: 'boutique',
    branch: 'master',
    source,
    childEnv: { ...childEnv, PATH },
    onLine: () => {},
  });

/** A program that leaves a file when it runs. */
const aTrap = () => {
  const folder = aFolder();
  const path = join(folder.folder, 'trap');
  writeFileSync(path, `#!/bin/sh\necho "$0 $*" >>${folder.folder}/sprung\ncat\n`);
  chmodSync(path, 0o755);
  return { ...folder, path, isSprung: () => existsSync(join(folder.folder, 'sprung')) };
};

describe('the configuration of the job’s clone', () => {
  test.each([
    [{ 'log.showSignature': 'true', 'gpg.program': 'TRAP', 'i18n.logOutputEncoding': 'UTF-16' }],
    [{ 'core.fsmonitor': 'TRAP', 'core.untrackedCache': 'true' }],
    [{ 'core.pager': 'TRAP', 'pager.cat-file': 'true', 'color.ui': 'always' }],
    [
      {
        'diff.external': 'TRAP',
        'core.sshCommand': 'TRAP',
        'core.editor': 'TRAP',
        'credential.helper': 'TRAP',
      },
    ],
    [{ 'filter.lfs.clean': 'TRAP', 'filter.lfs.process': 'TRAP', 'filter.lfs.required': 'true' }],
    [{ 'alias.rev-parse': '!TRAP', 'alias.cat-file': '!TRAP' }],
    [{ 'core.hooksPath': 'HOOKS' }],
    [
      {
        'core.autocrlf': 'true',
        'core.quotePath': 'false',
        'core.abbrev': '4',
        'transfer.fsckObjects': 'true',
      },
    ],
    [{ 'pack.packSizeLimit': '1m', 'core.bigFileThreshold': '1', 'submodule.recurse': 'true' }],
  ] as Record<string, string>[][])('runs nothing and changes nothing: %j', async (settings = {}) => {
    using trap = aTrap();
    using repository = aRepository();
    using bare = aBare();
    for (const hook of ['post-index-change', 'reference-transaction', 'pre-auto-gc'])
      symlinkSync(trap.path, join(trap.folder, hook));
    const commit = repository.commit(
      { 'a.txt': 'one\r\n', '.gitattributes': '*.txt filter=lfs text\n' },
      'Größe',
    );
    for (const [key, value] of Object.entries(settings))
      repository.git('config', key, value.replace('TRAP', trap.path).replace('HOOKS', trap.folder));
    const source = makeSource(repository, { include: ['a.txt'] });
    expect(await findCommit(source, childEnv)).toMatchObject({ found: { commit, subject: 'Größe' } });
    expect(await shipTo(bare, source)).toMatchObject({ kind: 'pushed', accepted: true });
    expect(trap.isSprung()).toBe(false);
    expect(bare.git('cat-file', '-s', 'master:a.txt')).toBe('5');
  });

  test('cannot replace what is shipped', async () => {
    using repository = aRepository();
    using bare = aBare();
    const other = repository.commit({ 'a.txt': 'other' });
    const commit = repository.commit({ 'a.txt': 'real' });
    repository.git('replace', commit, other);
    expect(await shipTo(bare, makeSource(repository))).toMatchObject({ commit, accepted: true });
    expect(bare.git('cat-file', 'blob', 'master:a.txt')).toBe('real');
  });
});

describe('a partial clone whose remote is gone', () => {
  test.each(['blob:none', 'tree:0'])('is shipped without a fetch: %s', async (filter) => {
    using origin = aRepository();
    for (const text of ['one', 'two', 'three']) origin.commit({ 'a.txt': text, 'dir/b.txt': text });
    origin.git('config', 'uploadpack.allowFilter', 'true');
    using parent = aFolder();
    const folder = join(parent.folder, 'clone');
    origin.git('clone', '--quiet', '--no-local', `--filter=${filter}`, `file://${origin.folder}`, folder);
    renameSync(origin.folder, `${origin.folder}-gone`);
    try {
      using bare = aBare();
      for (const extra of [{}, { 'app.json': '{}' }]) {
        const result = await shipTo(bare, makeSource({ folder }, { extra }));
        expect(result).toMatchObject({ kind: 'pushed', accepted: true });
      }
      expect(bare.git('cat-file', 'blob', 'master:dir/b.txt')).toBe('three');
    } finally {
      renameSync(`${origin.folder}-gone`, origin.folder);
    }
  });

  test('fails with the remedy if files are missing', async () => {
    using origin = aRepository();
    origin.commit({ 'a.txt': 'one' });
    origin.git('config', 'uploadpack.allowFilter', 'true');
    using parent = aFolder();
    const folder = join(parent.folder, 'clone');
    const flags = ['--quiet', '--no-local', '--no-checkout', '--filter=blob:none'];
    origin.git('clone', ...flags, `file://${origin.folder}`, folder);
    using bare = aBare();
    await expect(shipTo(bare, makeSource({ folder }))).rejects.toMatchObject({
      code: 'source-failed',
      message: 'The clone lacks files of the commit.',
      remedy: expect.stringContaining('--filter'),
    });
  });
});

test('finding the host’s snapshot reads commits, not the trees of a large project', async () => {
  using origin = aRepository();
  const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`page-${index}`, 'x']));
  origin.commit(files);
  using bare = aBare();
  using first = aClone(origin, undefined);
  await shipTo(bare, makeSource(first));
  for (let number = 0; number < 20; number += 1) origin.commit({ 'page-0': String(number) });
  using clone = aClone(origin, undefined);
  using folder = aFolder();
  const log = join(folder.folder, 'log');
  const script = `#!/bin/sh\nPATH='${childEnv.PATH}'\ncase "$*" in *--batch*) git "$@" | tee -a ${log};; *) exec git "$@";; esac\n`;
  mkdirSync(join(folder.folder, 'bin'));
  writeFileSync(join(folder.folder, 'bin/git'), script, { mode: 0o755 });
  const result = await shipTo(bare, makeSource(clone), `${join(folder.folder, 'bin')}:${childEnv.PATH}`);
  expect(result.kind === 'pushed' && result.bytes).toBeLessThan(800);
  expect(statSync(log).size).toBeLessThan(10_000);
});
