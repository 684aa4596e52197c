import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ship } from '../../src/source/ship.ts';
import { receivingHost } from '../support/git-host.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';
import { createRandom, type Effort, type Row } from './table.ts';

const tries = 100;

/** Ships commits with random trees to a bare repository and compares the tree that arrives, byte for byte. */
export async function tryRandomTrees({ share, seed }: Effort): Promise<Row[]> {
  using repository = aRepository();
  const random = createRandom(seed);
  const blobs = makeBlobs(repository, random);
  const count = Math.max(1, Math.round(tries * share));
  const wrong: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const tree = makeTree(repository, { random, blobs }, 2);
    const commit = repository.git('commit-tree', '-m', `tree ${number}`, tree);
    const arrived = await shipTree(repository, commit);
    if (arrived !== tree) wrong.push(`tree ${number} of seed ${seed}: ${tree} arrives as ${arrived}`);
  }
  return [{ part: 'random trees', what: 'shipped as they are', tried: count, wrong }];
}

async function shipTree({ folder }: TestRepository, commit: string): Promise<string> {
  using bare = aRepository('master');
  bare.git('config', 'core.bare', 'true');
  await ship({
    host: receivingHost(join(bare.folder, '.git')),
    app: 'shop',
    branch: 'master',
    source: makeSource({ folder }, { commit }),
    childEnv,
    onLine: () => {},
  });
  return bare.git('rev-parse', 'master^{tree}');
}

interface Source {
  readonly random: () => number;
  readonly blobs: readonly string[];
}

/** Names that have meant something to JavaScript, to git or to a shell. */
const names = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'app.json',
  'Procfile',
  '.gitattributes ',
  '.gitignore',
  ' leading space',
  'trailing space ',
  '-n',
  '--force',
  'a\nb',
  'tab\there',
  'quote"and\'quote',
  'back\\slash',
  'é',
  'e\u0301',
  '日本語',
  '😀',
  'CON',
  'a.txt',
  'a',
  'a0',
  'a-',
  'z'.repeat(200),
];

/** Writes a random tree of files, folders, links and programs; returns its id. */
function makeTree(repository: TestRepository, { random, blobs }: Source, depth: number): string {
  const chosen = names.filter(() => random() < 0.4);
  const entries = chosen.map((name) => {
    if (depth > 0 && random() < 0.2) {
      return `040000 tree ${makeTree(repository, { random, blobs }, depth - 1)}\t${name}`;
    }
    const mode = random() < 0.15 ? '120000' : random() < 0.3 ? '100755' : '100644';
    return `${mode} blob ${blobs[Math.floor(random() * blobs.length)]}\t${name}`;
  });
  return write(repository, ['mktree', '-z'], Buffer.from(entries.map((entry) => `${entry}\0`).join('')));
}

/** The ids of some random contents, an empty one among them. */
function makeBlobs(repository: TestRepository, random: () => number): string[] {
  return Array.from({ length: 20 }, (_, size) => {
    const bytes = Array.from({ length: size * 3 }, () => Math.floor(random() * 256));
    return write(repository, ['hash-object', '-w', '--stdin'], Buffer.from(bytes));
  });
}

function write({ folder }: TestRepository, words: readonly string[], input: Buffer): string {
  return execFileSync('git', words, { cwd: folder, input }).toString().trim();
}
