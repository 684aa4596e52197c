import { beforeAll, describe, expect, test } from 'vitest';
import { formatEnv, parseEnv, UnreadableEnv } from '../../sandbox/host/envfile.ts';
import { differingRecords } from './exceptions.ts';
import { readRecords } from './records.ts';
import type { Comparison } from './replay.ts';
import { computeSameShare, replayAll } from './table.ts';

let compared: Comparison[];

beforeAll(async () => {
  compared = await replayAll();
}, 400_000);

describe('the sandbox answers a recorded command that it has', () => {
  test('with the same exit code, without exception', () => {
    expect(compared.filter(({ verdict }) => verdict === 'different').map(describeDifference)).toEqual([]);
  });

  test('with the same output, apart from the listed exceptions', () => {
    const other = compared
      .filter(({ verdict }) => verdict === 'same exit, other words')
      .map(({ record }) => record.id);
    expect(other.toSorted()).toEqual(Object.keys(differingRecords).toSorted());
    expect(computeSameShare(compared)).toBeGreaterThanOrEqual(0.95);
  });
});

interface RoundTrip {
  readonly id: string;
  readonly value?: unknown;
  readonly after_1?: unknown;
  readonly after_2?: unknown;
  readonly env_file?: unknown;
}

describe('the configuration file has the recorded flaws', () => {
  const records = readRecords('config-roundtrip').filter(
    (record) => typeof (record as RoundTrip).value === 'string',
  ) as RoundTrip[];
  const afterWrites = (value: string, writes: number): string | null => {
    let text = formatEnv(new Map([['V', value]]));
    try {
      for (let count = 1; count < writes; count += 1) {
        text = formatEnv(new Map([...parseEnv(text), ['OTHER', String(count)]]));
      }
      return parseEnv(text).get('V') ?? null;
    } catch (error) {
      if (error instanceof UnreadableEnv) return null;
      throw error;
    }
  };

  test.each(records.filter(({ after_1 }) => after_1 !== true).map((record) => [record.id, record] as const))(
    '%s',
    (_, record) => {
      const value = String(record.value);
      expect([afterWrites(value, 1), afterWrites(value, 2)]).toEqual([record.after_1, record.after_2]);
    },
  );
});

function describeDifference({ record, exit }: Comparison): string {
  return `${record.id}: ${record.argv} (exit ${exit}, not ${record.exit})`;
}
