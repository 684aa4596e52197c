import { Buffer } from 'node:buffer';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createMask } from '../../src/report/mask.ts';
import { Secret } from '../../src/secret.ts';

const value = `p@ss w/rd?'"$\`&<>\\é~*+!Z9`;
const mask = createMask([new Secret('KEY', value)]);

/** How programs print a value. */
const forms: readonly (readonly [string, string])[] = [
  ['as it is', value],
  ['in upper case', value.toUpperCase()],
  ['in lower case', value.toLowerCase()],
  ['as JSON', JSON.stringify(value).slice(1, -1)],
  ['as JSON in JSON', JSON.stringify(JSON.stringify(value)).slice(3, -3)],
  ['as JSON in ASCII', JSON.stringify(value).slice(1, -1).replace('é', '\\u00e9')],
  ['as PHP’s JSON', JSON.stringify(value).slice(1, -1).replace('é', '\\u00E9').replaceAll('/', '\\/')],
  ['as Node inspects it', inspect(value).slice(1, -1)],
  ['quoted by a shell', value.replaceAll("'", "'\\''")],
  ['quoted by Python’s shlex', value.replaceAll("'", `'"'"'`)],
  ['escaped for a shell', value.replace(/[^\w@%+=:,./-]/g, '\\$&')],
  ['in double quotes of a shell', value.replace(/[$`"\\]/g, '\\$&')],
  ['in a part of a URL', encodeURIComponent(value)],
  ['in a part of a URL, in lower case', encodeURIComponent(value).toLowerCase()],
  ['in a form', new URLSearchParams({ value }).toString().slice('value='.length)],
  [
    'in a form by Python',
    encodeURIComponent(value)
      .replaceAll('%20', '+')
      .replace(/[!'*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`),
  ],
  ['in a URL in a URL', encodeURIComponent(encodeURIComponent(value))],
  [
    'in HTML',
    value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  ],
  [
    'in HTML by Python',
    value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#x27;'),
  ],
  ['in HTML as numbers', value.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)],
  ['in hexadecimal', Buffer.from(value).toString('hex')],
  ['in hexadecimal, in upper case', Buffer.from(value).toString('hex').toUpperCase()],
];

describe('a secret is masked', () => {
  test.each(forms)('%s', (_, text) => {
    expect(mask(`before ${text} after`)).toBe('before [KEY] after');
  });

  test.each(['', 'u', 'us', 'user:', 'x'.repeat(10)])('in base64 after %j, whatever follows', (before) => {
    for (const after of ['', 'y', 'yy', '\n']) {
      for (const alphabet of ['base64', 'base64url'] as const) {
        const encoded = Buffer.from(`${before}${value}${after}`).toString(alphabet);
        const [, head = '', tail = ''] = /^(.*)\[KEY\](.*)$/.exec(mask(encoded)) ?? [];
        // What is left encodes the texts around it only.
        expect(head.length, encoded).toBeLessThanOrEqual((before.length * 8) / 6);
        expect(tail.replace(/=+$/, '').length, encoded).toBeLessThanOrEqual(
          Math.ceil((after.length * 8) / 6),
        );
        expect(mask(encoded)).toContain('[KEY]');
      }
    }
  });

  test('in an Authorization header', () => {
    const header = `Authorization: Basic ${Buffer.from(`me:${value}`).toString('base64')}`;
    expect(mask(header)).toMatch(/^Authorization: Basic .{0,4}\[KEY\]$/);
  });

  test('in base64 that is wrapped in lines', () => {
    const long = Array.from({ length: 20 }, (_, index) => `part-${index}-of-a-long-secret`).join(':');
    const maskLong = createMask([new Secret('LONG', long)]);
    for (const width of [64, 76]) {
      const lines =
        Buffer.from(long)
          .toString('base64')
          .match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
      expect(lines.slice(0, -1).map(maskLong)).toEqual(lines.slice(0, -1).map(() => '[LONG]'));
    }
  });

  test('as a line of a longer value, though not a line that is a plain word or the header of a key', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh1234\nproduction\nzyxwvuts9876\n-----END KEY-----\n';
    const maskKey = createMask([new Secret('KEY', key)]);
    const lines = ['-----BEGIN KEY-----', '[KEY]', 'production', '[KEY]', '-----END KEY-----'];
    expect(key.trim().split('\n').map(maskKey)).toEqual(lines);
    expect(maskKey(JSON.stringify({ key }))).toBe('{"key":"[KEY]"}');
    expect(maskKey(Buffer.from(key).toString('base64'))).toBe('[KEY]');
  });

  test('as the password of its URL, as it is and decoded, though not a password that is a plain word', () => {
    const url = 'mysql://me:p%40ssw0rd@db.example.com/shop?key=topsecret';
    const maskUrl = createMask([
      new Secret('URL', url),
      new Secret('LOCAL', 'a://postgres:postgres@localhost/x'),
    ]);
    for (const text of [url, 'p%40ssw0rd', 'p@ssw0rd', 'mysql://me:***@db.example.com/shop?key=topsecret'])
      expect(maskUrl(`is ${text}.`)).toBe('is [URL].');
    expect(maskUrl('postgres')).toBe('postgres');
  });
});
