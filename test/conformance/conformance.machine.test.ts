import { beforeAll, describe, expect, test } from 'vitest';
import { formatEnv, parseEnv, UnreadableEnv } from '../../sandbox/host/envfile.ts';
import { differingRecords } from './exceptions.ts';
import { readRecords } from './records.ts';
import type { Comparison } from './replay.ts';
import { computeSameShare, countMatches, ofRecording, replayAll, type Shares } from './table.ts';

let compared: Comparison[];

beforeAll(async () => {
  compared = await replayAll();
}, 400_000);

describe('the sandbox answers a record of the first recording', () => {
  test('with the same exit code, without exception', () => {
    const first = ofRecording(compared, 'first');
    expect(first.filter(({ verdict }) => verdict === 'different').map(describeDifference)).toEqual([]);
  });

  test('with the same output, apart from the listed exceptions', () => {
    const first = ofRecording(compared, 'first');
    const other = first
      .filter(({ verdict }) => verdict === 'same exit, other words')
      .map(({ record }) => record.id);
    expect(other.toSorted()).toEqual(Object.keys(differingRecords).toSorted());
    expect(computeSameShare(first)).toBeGreaterThanOrEqual(0.95);
  });
});

/** The records of the second recording that match so far, by group. Raise them with each improvement. */
const secondFloors: Readonly<Record<string, Omit<Shares, 'records'>>> = {
  domains: { exits: 64, same: 63 },
  tls: { exits: 136, same: 134 },
  scale: { exits: 127, same: 125 },
  storage: { exits: 262, same: 260 },
  ship: { exits: 223, same: 216 },
  'services-2': { exits: 106, same: 101 },
  day2: { exits: 96, same: 92 },
  'lock-3': { exits: 54, same: 51 },
  'timing-2': { exits: 58, same: 57 },
};

describe('the sandbox answers the second recording', () => {
  test.each(Object.entries(secondFloors))(
    'with at least the known matches of the group %s',
    (group, floor) => {
      const { exits, same } = countMatches(compared.filter((one) => one.group === group));
      expect.soft(exits).toBeGreaterThanOrEqual(floor.exits);
      expect.soft(same).toBeGreaterThanOrEqual(floor.same);
    },
  );
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
