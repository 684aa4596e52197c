import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Git } from '../../src/source/git.ts';
import { addToTree, hashObject, readObjects } from '../../src/source/objects.ts';

const id = 'ab'.repeat(20);
const entry = (mode: string, name: string): Buffer =>
  Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.alloc(20, 0x20)]);
const namesOf = (tree: Buffer): string[] =>
  tree
    .toString('latin1')
    .match(/\d+ [^\0]+(?=\0)/g)
    ?.map((line) => line.split(' ')[1] ?? '') ?? [];

test('an object has git’s id', () => {
  expect(hashObject('blob', Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

/** Reads objects with a git whose `cat-file` prints this, and ends. */
const readFrom = async (output: string, names: readonly string[]) => {
  const objects = [];
  for await (const object of readObjects(printing(output), names)) objects.push(object);
  return objects;
};

const printing = (output: string) =>
  ({
    start: () => ({
      stdout: Readable.from(output === '' ? [] : [Buffer.from(output)]),
      result: Promise.resolve({ kind: 'ok' }),
      kill: () => {},
    }),
  }) as unknown as Git;

describe('objects that are read', () => {
  test('come in their order, undefined for a missing one', async () => {
    const output = `${id} blob 3\nabc\n${id} missing\n${id} blob 0\n\n`;
    expect(await readFrom(output, ['a', 'b', 'c'])).toEqual([
      { id, kind: 'blob', content: Buffer.from('abc') },
      undefined,
      { id, kind: 'blob', content: Buffer.alloc(0) },
    ]);
  });

  test.each(['', `${id} blob 3\n`, `${id} blob 3\nab`, `${id} blob 3\nabc`])(
    'are an error if git prints only %j',
    async (output) => {
      await expect(readFrom(output, ['a'])).rejects.toThrow('git cat-file printed too little');
    },
  );
});

describe('a file added to a tree', () => {
  test('is put where git sorts it: a folder counts as if its name ended with a slash', () => {
    const tree = Buffer.concat([
      entry('100644', 'app-1'),
      entry('100644', 'app.json'),
      entry('40000', 'app'),
      entry('100644', 'app0'),
    ]);
    const names = (name: string) => namesOf(addToTree(tree, new Map([[name, id]])));
    expect(names('app.')).toEqual(['app-1', 'app.', 'app.json', 'app', 'app0']);
    expect(names('app.json-old')).toEqual(['app-1', 'app.json', 'app.json-old', 'app', 'app0']);
    expect(names('a')).toEqual(['a', 'app-1', 'app.json', 'app', 'app0']);
    expect(names('z')).toEqual(['app-1', 'app.json', 'app', 'app0', 'z']);
  });

  test('replaces an entry of its name, a folder too', () => {
    const tree = Buffer.concat([
      entry('100644', 'a'),
      entry('100644', 'b.c'),
      entry('40000', 'b'),
      entry('120000', 'c'),
    ]);
    for (const name of ['a', 'b', 'c'])
      expect(namesOf(addToTree(tree, new Map([[name, id]]))).toSorted()).toEqual(['a', 'b', 'b.c', 'c']);
    expect(namesOf(addToTree(tree, new Map([['b', id]])))).toEqual(['a', 'b', 'b.c', 'c']);
  });

  test('changes no byte of the other entries, in whatever order and form they are', () => {
    const odd = [
      entry('040000', 'z'),
      entry('100664', 'caf\xe9'),
      entry('100644', 'b'),
      entry('100644', 'b'),
    ];
    const added = Buffer.concat([Buffer.from('100644 a\0'), Buffer.from(id, 'hex')]);
    expect(addToTree(Buffer.concat(odd), new Map([['a', id]]))).toEqual(Buffer.concat([added, ...odd]));
  });
});
