import { expect, test } from 'vitest';
import { checkValue, expandVariables } from '../../src/context/values.ts';

test.each(['a\\', 'say "hi"', '007', '+48123456789', '-0', 'a\0b'])(
  'the value %j cannot be stored by Dokku',
  (value) => {
    expect(checkValue(value)).toBeDefined();
  },
);

test.each([
  '',
  'a"b',
  "it's",
  'C:\\dir',
  '7',
  '0',
  '-5',
  '1.0',
  '1e5',
  '12345678901234567890',
  'żółć 🚀',
  'a\nb',
])('the value %j can be stored by Dokku', (value) => {
  expect(checkValue(value)).toBeUndefined();
});

test('variables are expanded, $$ is a dollar sign, and missing variables are listed', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
  expect(expandVariables('$A ${B}c $$D $ 5', { A: '1', B: '2' })).toEqual({
    value: '1 2c $D $ 5',
    missing: [],
    used: ['A', 'B'],
  });
  expect(expandVariables('$NONE', {})).toEqual({ value: '$NONE', missing: ['NONE'], used: [] });
});

test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
  'the variable %s, which every object inherits, is missing unless it is set',
  (name) => {
    expect(expandVariables(`$${name}`, {})).toEqual({ value: `$${name}`, missing: [name], used: [] });
    const env = Object.fromEntries([[name, 'set']]);
    expect(expandVariables(`$${name}`, env).value).toBe('set');
  },
);
