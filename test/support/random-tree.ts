import { execFileSync } from 'node:child_process';
import type { TestRepository } from './repository.ts';

/** Returns numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

// Names that programs like to get wrong: members of Object.prototype, and what needs quoting, sorting or decoding.
const names = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'then',
  'length',
  'a',
  'a.b',
  'a-b',
  'a0',
  'app.json',
  'app.json-old',
  'Dockerfile',
  '.gitignore',
  '.hidden',
  '-rf',
  '--',
  ':(glob)x',
  '*',
  'with space',
  ' leading',
  'trailing ',
  'tab\there',
  'new\nline',
  'quote"s',
  "apostrophe's",
  'back\\slash',
  'żółć.txt',
  'zo\u0065\u0301',
  '日本語',
  '🚀',
  'CON',
  'x'.repeat(200),
];

// Latin-1 bytes that are not UTF-8: git takes them as names, too.
const rawName = Buffer.from('caf\xe9', 'latin1');

const contents = ['', 'x\n', 'a\r\nb\r\n', '\0binary', '../a'];

interface Entry {
  readonly mode: string;
  readonly content: string;
  readonly path: Buffer;
}

/** Commits a random tree of files, programs, links and submodules, and returns the id of the tree. */
export const commitRandomTree = (repository: TestRepository, random: () => number): string => {
  const git = (words: readonly string[], input: string | Buffer): string =>
    execFileSync('git', words, { cwd: repository.folder, input, encoding: 'utf8' }).trim();
  const store = (content: string) => git(['hash-object', '-w', '--stdin'], content);
  const blobs = new Map(contents.map((content) => [content, store(content)]));
  const lines = randomFolder(random, 0).map(({ mode, content, path }) => {
    const id = mode === '160000' ? '1'.repeat(40) : blobs.get(content);
    return Buffer.concat([Buffer.from(`${mode} ${id}\t`), path, Buffer.from('\0')]);
  });
  repository.git('read-tree', '--empty');
  git(['update-index', '-z', '--index-info'], Buffer.concat(lines));
  repository.git('commit', '--quiet', '--allow-empty', '-m', 'Commit a random tree');
  return repository.git('rev-parse', 'HEAD^{tree}');
};

const randomFolder = (random: () => number, depth: number): Entry[] => {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const count = 1 + Math.floor(random() * 12);
  const picked = new Set(Array.from({ length: count }, () => pick([...names, rawName])));
  return [...picked].flatMap((name): Entry[] => {
    const path = Buffer.from(name);
    const kind = random();
    if (kind < 0.3 && depth < 3) {
      const prefix = Buffer.concat([path, Buffer.from('/')]);
      const inner = randomFolder(random, depth + 1);
      return inner.map((entry) => ({ ...entry, path: Buffer.concat([prefix, entry.path]) }));
    }
    const mode = pick(['100644', '100644', '100644', '100755', '120000', '160000']);
    return [{ mode, content: pick(contents), path }];
  });
};
