import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { maxDotenvSize, readDotenv } from '../../src/context/dotenv.ts';

const read = (text: string) => readDotenv({ path: '.env', text });

/** The values of a file without problems. */
const valuesOf = async (text: string): Promise<Record<string, string>> => {
  const { entries, problems } = await read(text);
  expect(problems).toEqual([]);
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
};

describe('a dotenv file', () => {
  test.each([
    ['A=1\nB = two words \nC=', { A: '1', B: 'two words', C: '' }],
    ['export A=x\n  B: y\n', { A: 'x', B: 'y' }],
    ['# A=1\n\n   \t\nB=2 # the second\nC= # nothing', { B: '2', C: '' }],
    [
      `A='it # is'\nB="say \\"x\\" twice" # yes\nC=\`a'b"c\``,
      { A: 'it # is', B: 'say \\"x\\" twice', C: `a'b"c` },
    ],
    ['A="two\\nlines"\nB=\'two\\nlines\'', { A: 'two\nlines', B: 'two\\nlines' }],
    ['A="-----BEGIN\nB=1\n# C\n-----END"\nD=1', { A: '-----BEGIN\nB=1\n# C\n-----END', D: '1' }],
    ['A=$B and $C\nB=`$A`', { A: '$B and $C', B: '$A' }],
    ['\ufeffA=1\r\nB="2"\r\n', { A: '1', B: '2' }],
    ['A=1\nA=2', { A: '2' }],
    ['constructor=x\ntoString=y', { constructor: 'x', toString: 'y' }],
    ['A=https://example.com/?a=b&c=d', { A: 'https://example.com/?a=b&c=d' }],
    ['', {}],
  ])('such as %j is read as its library reads it', async (text, values) => {
    expect(await valuesOf(text)).toEqual(values);
    expect(values).toEqual({ ...parse(text.replace('\ufeff', '')) });
  });

  test('has the place of each key, also after a value of several lines', async () => {
    const { entries } = await read('A=1\n  B="x\ny\nz" # b\n\n# c\nexport D: 4\nA=2');
    expect(entries.map(({ key, where }) => `${key} ${where}`)).toEqual([
      'A .env:8:1',
      'B .env:2:3',
      'D .env:7:1',
    ]);
  });

  test.each([
    ['A=1\n  hello there\nB=2', '.env:2:3', 'not of the form KEY=value'],
    ['A', '.env:1:1', 'not of the form KEY=value'],
    ['A="open\nB=1', '.env:1:1', 'begins with ", and no " closes it'],
    ['B=1\nA="x" y', '.env:2:1', 'continues after the closing "'],
    ["A='it's'", '.env:1:1', "continues after the closing '"],
    ['PASSWORD=hunter2#3', '.env:1:1', 'would be cut off as a comment'],
    ['COLOUR=#ffffff', '.env:1:1', 'would be cut off as a comment'],
    ['A-B=1', '.env:1:1', 'A-B: the key may have only letters'],
    ['A=1\n1A=1', '.env:2:1', '1A: the key may have only letters'],
    ['DOKKU_DEPLOY_OWNER=x', '.env:1:1', 'DOKKU_DEPLOY_OWNER: keys with DOKKU_DEPLOY_ are reserved'],
    ['GIT_REV=x', '.env:1:1', 'GIT_REV: Dokku writes this key itself'],
    ['A=1\nPHONE=0048123', '.env:2:1', 'PHONE: would be changed to 48123'],
    ['A=ends\\', '.env:1:1', 'A: ends with \\'],
    ['__proto__=x', '.env:1:1', '__proto__: this key cannot be used'],
  ])('such as %j is refused with the place', async (text, where, message) => {
    const { problems } = await read(text);
    expect(problems).toMatchObject([{ where, message: expect.stringContaining(message) }]);
    expect(problems[0]?.message).not.toMatch(/hunter2|ffffff|hello there/);
  });

  test('that is too large is refused, and one of the greatest size is read in time, whatever is in it', async () => {
    expect((await read('A'.repeat(maxDotenvSize + 1))).problems).toMatchObject([
      { where: '.env', message: 'larger than 128 KiB' },
    ]);
    for (const piece of ['\n', ' ', 'A="', "A='\\'\n", '#', 'export ', 'A=1\n'])
      await read(piece.repeat(maxDotenvSize / piece.length));
  });
});
