import { describe, expect, test } from 'vitest';
import { createMask } from '../../src/report/mask.ts';
import { Secret } from '../../src/secret.ts';

describe('the mask', () => {
  const mask = createMask([
    new Secret('SHORT', 'sesame'),
    new Secret('LONG', 'sesame-street & co'),
    new Secret('OTHER', 'co-op-1234'),
    new Secret('PUBLIC', 'public-value', { isPublic: true }),
  ]);

  test.each([
    ['replaces a secret with its name', 'say sesame!', 'say [SHORT]!'],
    ['replaces each place', 'sesame sesame', '[SHORT] [SHORT]'],
    ['leaves no tail of a secret that starts with another one', 'a sesame-street & co!', 'a [LONG]!'],
    ['replaces secrets that overlap together', 'sesame-street & co-op-1234.', '[LONG].'],
    ['leaves other text unchanged', 'nothing to hide', 'nothing to hide'],
    ['leaves a public value unchanged', 'public-value', 'public-value'],
    ['finds a secret with colours in it', 'a \u001b[1mses\u001b[31mame\u001b[0m b', 'a [SHORT] b'],
    ['keeps the colours around a secret', '\u001b[31msesame\u001b[0m', '\u001b[31m[SHORT]\u001b[0m'],
  ])('%s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('does not mask a short value such as true', () => {
    expect(createMask([new Secret('FLAG', 'true')])('is it true?')).toBe('is it true?');
  });

  test('keeps a secret’s own name if it is also a part of another one', () => {
    const secrets = [new Secret('PW', 'hunter2'), new Secret('URL', 'a://b:hunter2@c')];
    expect(createMask(secrets)('hunter2')).toBe('[PW]');
    expect(createMask(secrets.toReversed())('hunter2')).toBe('[PW]');
  });

  test('masks a service account in JSON, plain and in a JSON log', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh1234\nzyxwvuts9876\n-----END KEY-----\n';
    const account = JSON.stringify({ type: 'service', private_key: key }, null, 2);
    const maskIt = createMask([new Secret('ACCOUNT', account)]);
    for (const line of account.split('\n').slice(1, -1)) {
      expect(maskIt(JSON.stringify({ line: `app: ${line}` }))).toMatch(/^\{"line":"app: +\[ACCOUNT\]"\}$/);
      expect(maskIt(JSON.stringify({ line: JSON.stringify(line) }))).not.toContain('abcdefgh1234');
    }
    expect(maskIt(JSON.stringify({ line: JSON.stringify({ account }) }))).toBe(
      JSON.stringify({ line: JSON.stringify({ account: '[ACCOUNT]' }) }),
    );
  });

  test('handles a secret of 200 kB, and one of special characters', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: special characters of a regular expression
    const signs = '.*+?^${}()|[]\\/'.repeat(4);
    const maskIt = createMask([new Secret('BIG', 'x'.repeat(200_000)), new Secret('SIGNS', signs)]);
    expect(maskIt(`<${signs}>`)).toBe('<[SIGNS]>');
    expect(maskIt('x'.repeat(200_000))).toBe('[BIG]');
  });

  test('masks 10 MB of a log with 100 secrets in less than two seconds', () => {
    const secrets = Array.from(
      { length: 100 },
      (_, index) => new Secret(`S${index}`, `s3cret/${index}+${'x'.repeat(20)}`),
    );
    const maskLog = createMask(secrets);
    const line =
      'npm warn deprecated: resolving https://registry.example.com/foo/-/foo-1.2.3.tgz sha512-AbC123==';
    const startedAt = performance.now();
    for (let size = 0; size < 10_000_000; size += line.length) maskLog(line);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('a kept text', () => {
  const mask = createMask(
    [new Secret('NAME', 'guestbook'), new Secret('KEY', 'shop-secret')],
    ['guestbook-fix', 'my-shop', 'other'],
  );

  test.each([
    [
      'is not masked, though a part of it is a secret',
      'http://guestbook-fix.example.com',
      'http://guestbook-fix.example.com',
    ],
    ['does not keep the secret elsewhere', 'guestbook-fix guestbook', 'guestbook-fix [NAME]'],
    ['does not keep a secret that only begins in it', 'my-shop-secret', 'my-[KEY]'],
  ])('%s', (_, text, masked) => {
    expect(mask(text)).toBe(masked);
  });
});
