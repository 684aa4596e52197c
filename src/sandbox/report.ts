import { fail } from './answers.ts';
import type { Call } from './call.ts';

/** A row of a report: its label as the table shows it, and the value. */
export type ReportRow = readonly [label: string, value: string];

export interface Report {
  readonly heading: string;
  readonly rows: readonly ReportRow[];
  /** How the JSON names a row: some plugins leave their own name away, some give both. */
  readonly jsonKeys: (label: string) => readonly string[];
}

const dashed = (label: string): string => label.toLowerCase().replaceAll(' ', '-');

/** JSON keys without the plugin's word in front: `Git deploy branch` becomes `deploy-branch`. */
export const withoutPrefix =
  (prefix: string) =>
  (label: string): string[] => [dashed(label).replace(new RegExp(`^${prefix}-`), '')];

/** JSON keys both with and without the plugin's word. */
export const withAndWithoutPrefix =
  (prefix: string) =>
  (label: string): string[] => [...new Set([dashed(label), ...withoutPrefix(prefix)(label)])];

const tellTable = (call: Call, { heading, rows }: Report): void => {
  const width = Math.max(...rows.map(([label]) => label.length)) + 1;
  call.out(`=====> ${heading}\n`);
  for (const [label, value] of rows) call.out(`       ${`${label}:`.padEnd(width)} ${value}\n`);
};

const tellJson = (call: Call, { rows, jsonKeys }: Report): void => {
  const entries = rows.flatMap(([label, value]) => jsonKeys(label).map((key) => [key, value] as const));
  call.out(`${JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`);
};

/** Answers `X:report`: the table, `--format json`, or the value of one flag; and the wrong uses of each. */
export const tellReport = (call: Call, flags: readonly string[], report: Report): number => {
  const [flag, format] = flags;
  if (flag === undefined) {
    tellTable(call, report);
    return 0;
  }
  if (flag === '--format') {
    if (format !== 'json' && format !== 'stdout')
      return fail(call, `Format must be "stdout" or "json": "${format}"`);
    if (format === 'json') tellJson(call, report);
    else tellTable(call, report);
    return 0;
  }
  const row = report.rows.find(([label]) => `--${dashed(label)}` === flag);
  if (!row) {
    const known = report.rows.map(([label]) => `--${dashed(label)}`).sort();
    return fail(call, `Invalid flag passed, valid flags: ${known.join(', ')}`);
  }
  call.out(`${row[1]}\n`);
  return 0;
};
