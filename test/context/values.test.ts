import { expect, test } from 'vitest';
import { checkValue } from '../../src/context/values.ts';

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
