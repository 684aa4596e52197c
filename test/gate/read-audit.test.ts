import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createAudit } from '../../src/gate/audit.ts';
import { type AuditFilter, formatEntry, readAudit } from '../../src/gate/read-audit.ts';

const lines: string[] = [];
let time = Date.parse('2026-11-26T12:00:00Z');
const audit = createAudit(
  (line) => void lines.push(line),
  () => (time += 60_000),
);
const job = { job: '1001', user: 'ann', project: 'group/shop', ref: 'main', connection: 1 };
audit({ event: 'started' });
audit({ event: 'login', ...job });
audit({ event: 'command', ...job, app: 'shop', command: ['apps:report', 'shop'], exit: 0, milliseconds: 12 });
audit({
  event: 'refused',
  ...job,
  user: 'bob',
  command: ['config:show'],
  reason: 'config:show is not a command of dokku-deploy',
});

const read = async (filter: Partial<AuditFilter>, text = lines.join('')): Promise<string[]> => {
  const found: string[] = [];
  for await (const entry of readAudit(Readable.from([text]), { refused: false, ...filter }))
    found.push(formatEntry(entry));
  return found;
};

describe('the audit', () => {
  test('is printed one line for each entry', async () => {
    expect(await read({})).toEqual([
      '2026-11-26T12:01:00.000Z  started',
      '2026-11-26T12:02:00.000Z  login  group/shop, main, job 1001, ann',
      '2026-11-26T12:03:00.000Z  command  group/shop, main, job 1001, ann  apps:report shop  (exit 0, 12 ms)',
      '2026-11-26T12:04:00.000Z  refused  group/shop, main, job 1001, bob  config:show  (config:show is not a command of dokku-deploy)',
    ]);
  });

  test.each<[Partial<AuditFilter>, number]>([
    [{ project: 'group/shop' }, 3],
    [{ project: 'group/other' }, 0],
    [{ app: 'shop' }, 1],
    [{ user: 'bob' }, 1],
    [{ since: '2026-11-26T12:03:00.000Z' }, 2],
    [{ refused: true }, 1],
  ])('that matches %j has %i entries', async (filter, count) => {
    expect(await read(filter)).toHaveLength(count);
  });

  test('is found in the lines of a journal, and anything else is left out', async () => {
    const journal = `Nov 26 12:00:00 host dokku-deploy[1]: ${lines[2]}The gate listens\n{"time": broken\n{"time":"x","event":"other"}\n`;
    expect(await read({}, journal)).toHaveLength(1);
  });

  test('shows no control characters of a command', () => {
    const entry = { time: 'now', event: 'refused' as const, command: ['a\u001b[2J\nb\u202e'] };
    expect(formatEntry(entry)).toBe('now  refused  a\ufffd[2J\ufffdb\ufffd');
  });
});
