import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CommitOrder } from '../../src/plan/host-state.ts';
import { compareCommits } from '../../src/source/ancestry.ts';
import { aClone, aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const day = (date: string): string => `2026-11-${date}T12:00:00.000Z`;

/** How a commit of this clone relates to another one; the dates are the days of a month. */
const compare = (
  clone: TestRepository,
  [commit, committed]: readonly [string, string],
  [other, othersDay]: readonly [string, string],
): Promise<CommitOrder> =>
  compareCommits(
    makeSource(clone, { commit, committedAt: day(committed) }),
    { id: other, committedAt: day(othersDay) },
    childEnv,
  );

/** Three commits in a row, and one beside the third. */
const aHistory = () => {
  const repository = aRepository('main');
  const [one, two] = ['one', 'two'].map((text) => repository.commit({ a: text })) as [string, string];
  const three = repository.commit({ a: 'three' });
  repository.git('checkout', '--quiet', '-b', 'other', two);
  const beside = repository.commit({ a: 'beside' });
  repository.git('checkout', '--quiet', 'main');
  return { repository, one, two, three, beside };
};

describe('in a complete clone', () => {
  test('ancestry decides, whatever the dates', async () => {
    const { repository, one, three } = aHistory();
    using clone = repository;
    expect(await compare(clone, [three, '01'], [one, '09'])).toBe('newer');
    expect(await compare(clone, [one, '09'], [three, '01'])).toBe('older');
    expect(await compare(clone, [one, '01'], [one, '01'])).toBe('same');
  });

  test('a commit on another branch is unrelated, whatever the dates', async () => {
    const { repository, three, beside } = aHistory();
    using clone = repository;
    expect(await compare(clone, [three, '01'], [beside, '09'])).toBe('unrelated');
  });

  test('the dates decide about a commit that the clone does not have', async () => {
    const { repository, three } = aHistory();
    using clone = repository;
    const missing = 'a'.repeat(40);
    expect(await compare(clone, [three, '01'], [missing, '09'])).toBe('older');
    expect(await compare(clone, [three, '09'], [missing, '01'])).toBe('newer');
    expect(await compare(clone, [three, '01'], [missing, '01'])).toBe('unknown');
    expect(await compare(clone, [three, '01'], ['--exec=x', '09'])).toBe('older');
  });

  test('a replaced commit does not change what descends from what', async () => {
    const { repository, one, two, three } = aHistory();
    using clone = repository;
    clone.git('replace', '--graft', two);
    expect(await compare(clone, [three, '01'], [one, '09'])).toBe('newer');
  });
});

describe('in a shallow clone', () => {
  test('the last commit’s parent is known although the clone lacks it', async () => {
    const { repository, two, three } = aHistory();
    using origin = repository;
    using clone = aClone(origin, 1);
    expect(await compare(clone, [three, '01'], [two, '09'])).toBe('newer');
  });

  test('ancestry decides where the clone has both commits', async () => {
    const { repository, two, three } = aHistory();
    using origin = repository;
    using clone = aClone(origin, 2);
    expect(await compare(clone, [two, '09'], [three, '01'])).toBe('older');
  });

  test('the dates decide where it ends before the other commit', async () => {
    const { repository, one, three } = aHistory();
    using origin = repository;
    using clone = aClone(origin, 1);
    expect(await compare(clone, [three, '09'], [one, '01'])).toBe('newer');
    expect(await compare(clone, [three, '01'], [one, '09'])).toBe('older');
  });
});

/** A clone that lacks the trees and files of its history, and notes each fetch in the file `fetched`. */
const aPartialClone = (origin: TestRepository) => {
  const folder = mkdtempSync(join(tmpdir(), 'partial-'));
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: join(folder, 'clone'), encoding: 'utf8' }).trim();
  origin.git('config', 'uploadpack.allowFilter', 'true');
  execFileSync(
    'git',
    ['clone', '-q', '--filter=tree:0', '--no-checkout', `file://${origin.folder}`, 'clone'],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  const fetched = join(folder, 'fetched');
  writeFileSync(join(folder, 'upload-pack'), `#!/bin/sh\ntouch ${fetched}\nexec git-upload-pack "$@"\n`, {
    mode: 0o755,
  });
  git('config', 'remote.origin.uploadpack', join(folder, 'upload-pack'));
  const clone = { folder: join(folder, 'clone') } as TestRepository;
  return { clone, fetched, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
};

test('in a partial clone, nothing is fetched', async () => {
  const { repository, one, three } = aHistory();
  using origin = repository;
  using partial = aPartialClone(origin);
  const later = origin.commit({ a: 'later' });
  expect(await compare(partial.clone, [three, '01'], [one, '09'])).toBe('newer');
  expect(await compare(partial.clone, [three, '01'], [later, '09'])).toBe('older');
  expect(existsSync(partial.fetched)).toBe(false);
});
