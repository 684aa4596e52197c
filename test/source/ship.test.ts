import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { ship } from '../../src/source/ship.ts';
import { programHost, receivingHost } from '../support/git-host.ts';
import { aClone, aFolder, aRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

/** A bare repository like Dokku's for an app, with an optional pre-receive hook. */
const aBare = (hook?: string) => {
  const bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  if (hook) {
    mkdirSync(join(bare.folder, '.git/hooks'), { recursive: true });
    writeFileSync(join(bare.folder, '.git/hooks/pre-receive'), `#!/bin/sh\n${hook}\n`);
    chmodSync(join(bare.folder, '.git/hooks/pre-receive'), 0o755);
  }
  return bare;
};

const shipTo = (bare: { folder: string }, source: Source, script?: string) =>
  ship({
    host: receivingHost(join(bare.folder, '.git'), script === undefined ? undefined : () => script),
    app: 'boutique',
    branch: 'master',
    source,
    childEnv,
    onLine: () => {},
  });

describe('a snapshot', () => {
  test('arrives complete in an empty app', async () => {
    using repository = aRepository();
    const commit = repository.commit({ 'a.txt': 'one', 'dir/b.txt': 'two' });
    using bare = aBare();
    const result = await shipTo(bare, makeSource(repository));
    expect(result).toMatchObject({ kind: 'pushed', commit, accepted: true, reason: undefined });
    expect(bare.git('ls-tree', '-r', '--name-only', 'master').split('\n')).toEqual(['a.txt', 'dir/b.txt']);
    expect(bare.git('fsck', '--strict')).toBe('');
  });

  test('is not sent again to a host that has it', async () => {
    using repository = aRepository();
    const commit = repository.commit({ 'a.txt': 'one' });
    using bare = aBare();
    await shipTo(bare, makeSource(repository));
    expect(await shipTo(bare, makeSource(repository))).toMatchObject({ kind: 'nothing-new', commit });
  });

  test('takes a few hundred bytes after a small change, even from a shallow clone', async () => {
    using origin = aRepository();
    const big = randomBytes(200_000).toString('base64');
    for (let number = 0; number < 5; number += 1) {
      origin.commit({ 'big.txt': `${big}${number}`, 'small.txt': String(number) });
    }
    using bare = aBare();
    using before = aClone(origin, 3);
    await shipTo(bare, makeSource(before));
    origin.commit({ 'small.txt': 'changed' });
    using after = aClone(origin, 3);
    const result = await shipTo(bare, makeSource(after));
    expect(result).toMatchObject({ kind: 'pushed', accepted: true });
    expect(result.kind === 'pushed' && result.bytes).toBeLessThan(800);
    expect(bare.git('show', 'master:small.txt')).toBe('changed');
    expect(bare.git('fsck', '--strict')).toBe('');
  });

  test('may be larger than a channel’s buffer, without warnings from Node', async () => {
    using repository = aRepository();
    repository.commit({ 'big.bin': randomBytes(6_000_000).toString('latin1') });
    using bare = aBare();
    const warnings: Error[] = [];
    const keep = (warning: Error) => warnings.push(warning);
    process.on('warning', keep);
    const result = await shipTo(bare, makeSource(repository));
    process.off('warning', keep);
    expect(result).toMatchObject({ kind: 'pushed', accepted: true });
    expect(warnings).toEqual([]);
  });
});

describe('the whole history', () => {
  test('arrives as the real commits, and later only the new ones are sent', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    const second = repository.commit({ 'a.txt': 'two' });
    using bare = aBare();
    await shipTo(bare, makeSource(repository, { history: 'full' }));
    expect(bare.git('rev-list', '--count', 'master')).toBe('2');
    expect(bare.git('rev-parse', 'master')).toBe(second);
    const third = repository.commit({ 'a.txt': 'three' });
    const result = await shipTo(bare, makeSource(repository, { history: 'full' }));
    expect(result).toMatchObject({ kind: 'pushed', commit: third, accepted: true });
    expect(bare.git('rev-list', '--count', 'master')).toBe('3');
  });

  test('is fetched first if the clone is shallow', async () => {
    using origin = aRepository();
    for (const text of ['one', 'two', 'three', 'four']) origin.commit({ 'a.txt': text });
    using clone = aClone(origin, 2);
    using bare = aBare();
    expect(await shipTo(bare, makeSource(clone, { history: 'full' }))).toMatchObject({ accepted: true });
    expect(bare.git('rev-list', '--count', 'master')).toBe('4');
  });

  test('cannot be shipped if fetching it fails', async () => {
    using origin = aRepository();
    for (const text of ['one', 'two', 'three']) origin.commit({ 'a.txt': text });
    using clone = aClone(origin, 1);
    clone.git('remote', 'set-url', 'origin', 'file:///nonexistent');
    using bare = aBare();
    const shipping = shipTo(bare, makeSource(clone, { history: 'full' }));
    await expect(shipping).rejects.toMatchObject({
      code: 'source-failed',
      message: 'The clone is shallow, and fetching the rest of its history failed.',
    });
  });
});

describe('the host’s answer', () => {
  test('contains its output line by line, and the reason for a rejected ref', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    using bare = aBare('echo "-----> Building"; printf "10%%\\r100%%\\n"; echo " !     no" >&2; exit 1');
    expect(await shipTo(bare, makeSource(repository))).toMatchObject({
      kind: 'pushed',
      accepted: false,
      reason: 'pre-receive hook declined',
      lines: ['-----> Building', '       100%', ' !     no'],
    });
  });

  // Dokku indents an app's output and overwrites no line: what an app writes must not look like Dokku's own line.
  test.each([
    ['one\\rtwo\\n', '       two'],
    ['one\\rtwo\\r\\r\\n', '       two'],
    ['one\\rtwo\\r        \\n', '       two'],
    ['       one\\r=====> two\\n', '       =====> two'],
    ['one\\r !     two\\n', '        !     two'],
    ['one\\r       two\\n', '       two'],
    ['two\\r\\n', 'two'],
  ])('contains the last state of a line that overwrites itself, indented: %s', async (printed, line) => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    using bare = aBare(`printf "${printed}"`);
    expect(await shipTo(bare, makeSource(repository))).toMatchObject({ accepted: true, lines: [line] });
  });

  test('is cut off if the host dies during the upload', async () => {
    using repository = aRepository();
    repository.commit({ 'big.bin': randomBytes(6_000_000).toString('latin1') });
    using bare = aBare();
    const script = 'git-receive-pack --http-backend-info-refs .; head -c 100000 > /dev/null; kill -9 $$';
    expect(await shipTo(bare, makeSource(repository), script)).toMatchObject({
      kind: 'cut-off',
      complete: false,
      exit: undefined,
    });
  });

  test('is cut off with an exit code if the host itself ends the push', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    using bare = aBare('echo "-----> Building"; kill -9 $PPID');
    const script = 'git-receive-pack .; exit 131';
    expect(await shipTo(bare, makeSource(repository), script)).toMatchObject({ kind: 'cut-off', exit: 131 });
  });

  test('is cut off if the host dies before it answers', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    using bare = aBare('echo "-----> Building"; kill -9 $PPID');
    expect(await shipTo(bare, makeSource(repository))).toMatchObject({
      kind: 'cut-off',
      complete: true,
      exit: undefined,
    });
  });

  test.each([
    [
      'This account is currently not available.',
      'echo This account is currently not available.',
      'host-refused',
    ],
    [' !     App boutique is locked', 'echo " !     App boutique is locked" >&2; exit 1', 'host-refused'],
  ])('is quoted if it is not git’s protocol: %s', async (output, script, code) => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    const host = programHost({ words: ['sh', '-c', script], cwd: '/' });
    const shipping = ship({
      host,
      app: 'boutique',
      branch: 'master',
      source: makeSource(repository),
      childEnv,
      onLine: () => {},
    });
    const error = await shipping.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    expect(String((error as { said: string[] }).said)).toContain(output.slice(0, 20));
    expect(host.lines).toEqual(["git-receive-pack 'boutique'"]);
  });
});

describe('refused before the host is contacted:', () => {
  const refused = async (folder: string, commit?: string) => {
    const host = programHost({ words: ['false'], cwd: '/' });
    const source: Source = {
      folder,
      history: 'snapshot',
      include: [],
      commit,
      committedAt: undefined,
      extra: {},
    };
    const error = await ship({ host, app: 'a', branch: 'master', source, childEnv, onLine: () => {} }).catch(
      (reason: unknown) => reason,
    );
    return [(error as { code: string }).code, (error as Error).message, host.lines];
  };

  test('a folder without a repository', async () => {
    using empty = aFolder();
    expect(await refused(empty.folder)).toEqual([
      'not-a-repository',
      `There is no git repository in ${empty.folder}.`,
      [],
    ]);
  });

  test('a repository without commits', async () => {
    using repository = aRepository();
    expect(await refused(repository.folder)).toEqual([
      'not-a-repository',
      'The repository has no commit yet.',
      [],
    ]);
  });

  test('a clone without the job’s commit', async () => {
    using repository = aRepository();
    repository.commit({ 'a.txt': 'one' });
    expect(await refused(repository.folder, 'a'.repeat(40))).toEqual([
      'not-a-repository',
      'The commit aaaaaaaaaaaa is not in this clone.',
      [],
    ]);
  });
});
