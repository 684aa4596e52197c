import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createMask, maskUrlPasswords, Secret } from '../src/secret.ts';

const key = '-----BEGIN KEY-----\nabcdefgh1234\nzyxwvuts9876\n-----END KEY-----\n';

describe('a secret', () => {
  test('prints as its name', () => {
    const secret = new Secret('TOKEN', 'hunter2hunter2');
    expect([`${secret}`, JSON.stringify({ secret }), inspect(secret)]).toEqual([
      '[TOKEN]',
      '{"secret":"[TOKEN]"}',
      '[TOKEN]',
    ]);
    expect(secret.reveal()).toBe('hunter2hunter2');
  });
});

test('a password in a URL is starred, and the rest of the line is unchanged', () => {
  expect(maskUrlPasswords('at redis://:abc@dokku-redis-x:6379, see https://dokku.com/docs: a@b')).toBe(
    'at redis://:***@dokku-redis-x:6379, see https://dokku.com/docs: a@b',
  );
});

describe('the mask', () => {
  const mask = createMask([
    new Secret('KEY', key),
    new Secret('SHORT', 'sesame'),
    new Secret('LONG', 'sesame-street & co'),
  ]);

  test.each([
    ['say sesame', 'say [SHORT]'],
    ['a longer one leaves no tail: sesame-street & co!', 'a longer one leaves no tail: [LONG]!'],
    ['one line of a key: abcdefgh1234.', 'one line of a key: [KEY].'],
    [`base64: ${Buffer.from('sesame-street & co').toString('base64')}`, 'base64: [LONG]'],
    [`in a URL: x?y=${encodeURIComponent('sesame-street & co')}`, 'in a URL: x?y=[LONG]'],
    ['nothing to hide', 'nothing to hide'],
  ])('%j', (text, shown) => {
    expect(mask(text)).toBe(shown);
  });

  test('masks a key in JSON and in base64', () => {
    expect(mask(JSON.stringify({ key }))).toBe('{"key":"[KEY]"}');
    expect(mask(Buffer.from(key).toString('base64'))).toBe('[KEY]');
  });

  test('masks each line of a JSON service account, plain and in a JSON log', () => {
    const account = JSON.stringify({ type: 'service', private_key: key }, null, 2);
    const maskIt = createMask([new Secret('ACCOUNT', account)]);
    const private_key = JSON.stringify(key).slice(1, -1);
    for (const line of account.split('\n').slice(1, -1)) {
      expect(maskIt(JSON.stringify({ line: `app: ${line}` }))).toMatch(/^\{"line":"app: +\[ACCOUNT\]"\}$/);
      expect(maskIt(JSON.stringify({ line: JSON.stringify(line) }))).not.toContain(private_key);
    }
    expect(maskIt(JSON.stringify({ line: JSON.stringify({ account }) }))).toBe(
      JSON.stringify({ line: JSON.stringify({ account: '[ACCOUNT]' }) }),
    );
  });

  test('masks a URL whose password was starred, and the password alone', () => {
    const maskIt = createMask([new Secret('URL', 'mysql://me:p%40ssw0rd@db.example.com/shop?key=topsecret')]);
    const lines = ['mysql://me:p%40ssw0rd@db.example.com/shop?key=topsecret', 'p%40ssw0rd', 'p@ssw0rd'];
    expect(lines.map((line) => maskIt(maskUrlPasswords(`is ${line}`)))).toEqual(lines.map(() => 'is [URL]'));
    expect(createMask([new Secret('PW', 'hunter2'), new Secret('URL', 'a://b:hunter2@c')])('hunter2')).toBe(
      '[PW]',
    );
  });

  test('does not mask a short value such as true', () => {
    expect(createMask([new Secret('FLAG', 'true')])('is it true?')).toBe('is it true?');
  });

  test('handles a secret of 200 kB, and one of special characters', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: special characters of a regular expression
    const signs = '.*+?^${}()|[]\\/'.repeat(4);
    expect(
      createMask([new Secret('BIG', 'x'.repeat(200_000)), new Secret('SIGNS', signs)])(`<${signs}>`),
    ).toBe('<[SIGNS]>');
  });
});
