import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/context/json-document.ts';

describe('a JSON file', () => {
  test('may have comments and trailing commas', async () => {
    const document = await parseJson('app.json', '{/* [[[ */ "a": ["// {", 1,], // {\n}');
    expect(document).toMatchObject({ value: { a: ['// {', 1] } });
  });

  test('knows the position of a value, or of the nearest one above it', async () => {
    const document = await parseJson('app.json', '{\n  "a": {"b": [1,\n 2]}}');
    const positionOf = 'value' in document ? document.positionOf : undefined;
    expect(positionOf?.('a', 'b', 1)).toBe('app.json:3:2');
    expect(positionOf?.('a', 'none', 'at all')).toBe('app.json:2:8');
    expect(positionOf?.('none')).toBe('app.json:1:1');
  });

  test('keeps a key named __proto__ as its own', async () => {
    const document = await parseJson('app.json', '{"__proto__": {"a": 1}}');
    const value = 'value' in document ? (document.value as object) : {};
    expect([Object.keys(value), 'a' in value]).toEqual([['__proto__'], false]);
  });

  test.each([
    ['', 'app.json:1:1', 'not valid JSON'],
    ['{\n"a": }', 'app.json:2:6', 'not valid JSON: ValueExpected'],
    ['\u{feff}{}', 'app.json:1:1', 'not valid JSON'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'app.json:1:101', 'nested more than 100 levels deep'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'app.json:1:501', 'nested more than 100 levels'],
  ])('is refused with its position', async (text, where, message) => {
    expect(await parseJson('app.json', text)).toMatchObject({
      where,
      message: expect.stringContaining(message),
    });
  });

  test.each(['/*'.repeat(500_000), '"'.repeat(1_000_000), '/'.repeat(1_000_000)])(
    'of one megabyte of unclosed comments or strings is refused at once',
    async (text) => {
      const started = performance.now();
      expect(await parseJson('app.json', text)).toHaveProperty('message');
      expect(performance.now() - started).toBeLessThan(3_000);
    },
  );
});
