import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  findKeyOffset,
  findNode,
  formatPosition,
  parseYaml,
  readYaml,
} from '../../src/context/yaml-document.ts';

describe('a YAML value', () => {
  test.each(['007', '1.0', '18.40', '1e5', '0x1F', '-0', '+3', '12345678901234567890', '.inf'])(
    'is the text %s if that is not a plain number',
    (text) => {
      expect(parsed(`A: ${text}`)).toEqual({ A: text });
    },
  );

  test.each([0, 3, -5, 0.5, 18.4])('is the number %d if the text is a plain number', (value) => {
    expect(parsed(`A: ${value}`)).toEqual({ A: value });
  });

  test('matches a schema with numbers, booleans and text', () => {
    const schema = z.strictObject({
      scale: z.record(z.string(), z.number()),
      checks: z.strictObject({ wait_to_retire: z.number() }),
      probe: z.union([z.literal(false), z.strictObject({ path: z.string() })]),
      env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    });
    const text =
      'scale: {web: 3}\nchecks: {wait_to_retire: 5}\nprobe: false\nenv: {CODE: 007, RATE: 1.0, QUOTED: "3"}';
    expect(schema.parse(parsed(text))).toEqual({
      scale: { web: 3 },
      checks: { wait_to_retire: 5 },
      probe: false,
      env: { CODE: '007', RATE: '1.0', QUOTED: '3' },
    });
  });
});

describe('the position', () => {
  const yaml = parseYaml('x.yml', 'env:\n  1: [a]\n  007: b\nlist:\n  - c\n');

  test.each([
    [['env', '1'], 'x.yml:2:6'],
    [['env', '007'], 'x.yml:3:8'],
    [['list', 0], 'x.yml:5:5'],
    [['list', 7], 'x.yml:5:3'],
    [['none', 'at', 'all'], 'x.yml:1:1'],
  ])('of %j is the start of its value, or of the nearest one above it', (keys, position) => {
    expect(formatPosition(yaml, findNode(yaml, keys)?.range?.[0])).toBe(position);
  });

  test('of a key is the start of the key', () => {
    expect(formatPosition(yaml, findKeyOffset(yaml, ['env'], '007'))).toBe('x.yml:3:3');
    expect(findKeyOffset(yaml, ['env'], 'NONE')).toBeUndefined();
  });
});

describe('YAML that makes no value', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
    'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
    'd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
  ].join('\n');

  test.each([
    ['env:\n  A: *nothing', 'x.yml:2:6', 'Unresolved alias'],
    ['a: &a 1\nb: *a\nc: *d', 'x.yml:3:4', 'Unresolved alias'],
    [bomb, expect.stringMatching(/^x\.yml:[2-4]:\d+$/), 'Excessive alias count'],
    ['env:\n  <<: 5', 'x.yml:2:3', 'Merge sources must be maps'],
    ['env: {A: 1, A: 2}', 'x.yml:1:13', 'Map keys must be unique'],
    ['env: {A: x}\n---\nenv: {B: y}', 'x.yml:2:1', 'Source contains multiple documents'],
    [`a: ${'['.repeat(20_000)}`, expect.stringContaining('x.yml'), ''],
    [`a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`, expect.stringContaining('x.yml'), 'nested too deep'],
  ])('is a problem with its position: %#', (text, where, message) => {
    const read = readYaml({ path: 'x.yml', text });
    const [problem] = 'problems' in read ? read.problems : [];
    expect(problem).toMatchObject({ where, message: expect.stringContaining(message) });
  });
});

function parsed(text: string): unknown {
  const read = readYaml({ path: 'x.yml', text });
  return 'value' in read ? read.value : read.problems;
}
