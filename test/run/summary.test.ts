import { describe, expect, test } from 'vitest';
import { readJobInput } from '../../src/environment/job-input.ts';
import { formatResult } from '../../src/run/result.ts';
import { buildSummary, formatSummary, isSummary } from '../../src/run/summary.ts';

const evil = 'http://a.example\u001b[2J\u0007/\r\nDYNAMIC_ENVIRONMENT_URL=http://b.example';

const summary = async (url: string) =>
  buildSummary({
    command: 'review start',
    jobInput: await readJobInput({ env: { CI_COMMIT_REF_NAME: 'fix\u009b2J' }, cwd: '/nowhere' }),
    context: undefined,
    result: { kind: 'serving', urls: [url], shipped: true },
    error: undefined,
    exitCode: 0,
    services: [],
    steps: [{ id: 'a', title: '\u001b[31mred\u001b[0m', outcome: 'done', took: 1 }],
    took: 1,
    usage: { connections: 1, commands: 1 },
  });

describe('a result', () => {
  test('has no control character as JSON', async () => {
    const parsed = JSON.parse(formatSummary(await summary(evil)));
    expect(JSON.stringify(parsed)).not.toMatch(/\\u00(?!0a|09)/);
    expect([parsed.ref, parsed.steps[0].title]).toEqual(['fix2J', 'red']);
  });

  test('is one line per URL without control characters as text', () => {
    expect(formatResult({ kind: 'serving', urls: [evil, 'http://c.example'], shipped: true })).toBe(
      'http://a.example/DYNAMIC_ENVIRONMENT_URL=http://b.example\nhttp://c.example\n',
    );
  });
});

test('a summary is recognised, and no other JSON file', async () => {
  expect(isSummary(formatSummary(await summary('http://a.example')))).toBe(true);
  for (const text of [
    '{}',
    '[]',
    '{"version": 1}',
    '{"tool": "x", "version": 1}',
    '{"name": "tool"}',
    'text',
  ])
    expect([text, isSummary(text)]).toEqual([text, false]);
});
