import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssue } from '../../src/context/describe-issue.ts';

const schema = z.strictObject({
  text: z.string().min(1).max(3).optional(),
  seconds: z.int().min(0).max(9).optional(),
  list: z.array(z.string()).min(1).max(2).optional(),
  flag: z.boolean().optional(),
  map: z.record(z.string(), z.string()).optional(),
  own: z.int({ error: 'expected seconds' }).optional(),
});

test.each([
  [{ text: ['a'] }, 'expected text, not a list'],
  [{ text: {} }, 'expected text, not an object'],
  [{ text: null }, 'expected text, not an empty value'],
  [{ text: '' }, 'must not be empty'],
  [{ text: 'long' }, 'must have at most 3 characters'],
  [{ seconds: '5s' }, 'expected a number, not text'],
  [{ seconds: 1.5 }, 'expected a whole number, not 1.5'],
  [{ seconds: -1 }, 'must be at least 0'],
  [{ seconds: 10 }, 'must be at most 9'],
  [{ list: 'a' }, 'expected a list, not text'],
  [{ list: [] }, 'must have at least 1 entry'],
  [{ list: ['a', 'b', 'c'] }, 'must have at most 2 entries'],
  [{ flag: 'yes' }, 'expected true or false, not text'],
  [{ map: [] }, 'expected an object, not a list'],
  [{ own: 1.5 }, 'expected seconds'],
])('%j: %s', (value, message) => {
  const { error } = schema.safeParse(value, { error: describeIssue });
  expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
});
