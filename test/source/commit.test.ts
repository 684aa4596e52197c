import { describe, expect, test } from 'vitest';
import { buildSnapshotContent, type Commit, parseCommit } from '../../src/source/commit.ts';

const tree = 'a'.repeat(40);
const author = 'author Zoé Martin <zoe@example.com> 1700000000 +0100';

const parse = (text: string, encoding: BufferEncoding = 'utf8'): Commit =>
  parseCommit({ id: '1'.repeat(40), kind: 'commit', content: Buffer.from(text, encoding) });

const commitWith = (
  message: string,
  committer = 'Zoé <zoe@example.com> 1700000001 +0100',
  headers = '',
): string =>
  `tree ${tree}\nparent ${'b'.repeat(40)}\n${author}\ncommitter ${committer}\n${headers}\n${message}`;

describe('a commit', () => {
  test('is read: tree, time of the commit, and subject', () => {
    expect(parse(commitWith('Größer\n\nWith a body.\n'))).toMatchObject({
      tree,
      committedAt: '2023-11-14T22:13:21.000Z',
      subject: 'Größer',
    });
  });

  test.each([
    ['\n\nOne\ntwo \n\nthree', 'One two'],
    ['', ''],
    ['One', 'One'],
    ['One\n \nBody', 'One'],
  ])('has the first paragraph of its message as subject: %j', (message, subject) => {
    expect(parse(commitWith(message)).subject).toBe(subject);
  });

  test('is decoded from the encoding that it names', () => {
    const text = commitWith('caf\xe9', undefined, 'encoding ISO-8859-1\n');
    expect(parse(text, 'latin1').subject).toBe('café');
    expect(parse(commitWith('café', undefined, 'encoding no-such-one\n')).subject).toBe('café');
  });

  test('of a time that no calendar has is still read', () => {
    expect(parse(commitWith('x', 'Zoé <zoe@example.com> 99999999999999999 +0000')).committedAt).toBe(
      '1970-01-01T00:00:00.000Z',
    );
  });

  test('is not misread through the lines of a signature or the message', () => {
    const signed = commitWith(
      'tree of life\n\ntree 5\n',
      undefined,
      'gpgsig -----BEGIN\n tree 123\n author x\n',
    );
    expect(parse(signed)).toMatchObject({ tree, subject: 'tree of life' });
    expect(buildSnapshotContent(parse(signed), 'c'.repeat(40)).toString()).toBe(
      `tree ${'c'.repeat(40)}\n${author}\ncommitter Zoé <zoe@example.com> 1700000001 +0100\n\n` +
        `tree of life\n\ntree 5\n\nSource-Commit: ${'1'.repeat(40)}\n`,
    );
  });
});
