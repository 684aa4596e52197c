import { fail, findApp, parseWords } from './answers.ts';
import type { Call } from './call.ts';
import type { Handler } from './handler.ts';
import type { App, SandboxHost } from './state.ts';

/** A row of a report: the label that the table shows (with a dot if the flag has one), and the value. */
export type ReportRow = readonly [label: string, value: string];

export interface Report {
  /** The plugin's name in the heading: `=====> APP git information`. */
  readonly title: string;
  readonly rows: (app: App, host: SandboxHost) => readonly ReportRow[];
  /** The rows of `--global`. Undefined: the plugin does not have any and shows those of an app. */
  readonly globalRows?: (app: App, host: SandboxHost) => readonly ReportRow[];
  /** The prefix of the flags of the plugin's own rows. */
  readonly prefix: string;
  /** Returns what a report prints that crashes over an app, undefined for one that does not. */
  readonly crash?: (app: App, host: SandboxHost) => string | undefined;
  /** Whether the JSON also contains each row under its prefixed key, as older versions did. */
  readonly bothKeys?: boolean;
}

interface ReportOptions {
  readonly flag: string | undefined;
  readonly format: string | undefined;
}

/** Creates `X:report [APP] [--flag] [--format json]`: for one app, for the host (`--global`), or for each app in turn. */
export function createReportHandler(report: Report): Handler {
  return (call, host) => {
    const { positional, flags } = parseWords(call.words, { switches: ['--global'], valued: ['--format'] });
    const flag = call.words.find((word) => word.startsWith('--') && !/^--(global|format)(=|$)/.test(word));
    const options: ReportOptions = { flag, format: flags.get('--format') };
    const { globalRows } = report;
    if (flags.has('--global') && globalRows) {
      return printReport(call, '--global', report, globalRows(host.state.global, host), options);
    }
    const [name] = positional;
    if (name !== undefined) {
      const app = findApp(call, host, name);
      return typeof app === 'number' ? app : reportApp(call, host, { app, report, options });
    }
    for (const key of [...host.state.apps.keys()].sort()) {
      const app = host.state.apps.get(key) as App;
      const exit = reportApp(call, host, { app, report, options });
      if (exit !== 0) return exit;
    }
    return 0;
  };
}

function reportApp(
  call: Call,
  host: SandboxHost,
  { app, report, options }: { readonly app: App; readonly report: Report; readonly options: ReportOptions },
): number {
  const crash = report.crash?.(app, host);
  if (crash === undefined) return printReport(call, app.name, report, report.rows(app, host), options);
  call.err(crash);
  return 2;
}

function printReport(
  call: Call,
  name: string,
  report: Report,
  rows: readonly ReportRow[],
  options: ReportOptions,
): number {
  const { flag, format } = options;
  if (format !== undefined && format !== 'json' && format !== 'stdout')
    return fail(call, `Format must be "stdout" or "json": "${format}"`);
  if (format !== undefined && flag !== undefined)
    return fail(call, '--format flag cannot be specified when specifying an info flag');
  // The state of each process is a flag only if one of them is asked for.
  const shown =
    flag === undefined || flag.startsWith('--status-')
      ? rows
      : rows.filter((row) => !flagOf(row).startsWith('--status-'));
  const sorted = shown.toSorted((a, b) => (flagOf(a) < flagOf(b) ? -1 : 1));
  if (format === 'json') printJson(call, report, sorted);
  else if (flag === undefined) printTable(call, name, report, sorted);
  else {
    const row = sorted.find((one) => flagOf(one) === flag);
    if (!row) return fail(call, `Invalid flag passed, valid flags: ${sorted.map(flagOf).join(', ')}`);
    call.out(`${row[1]}\n`);
  }
  return 0;
}

function flagOf([label]: ReportRow): string {
  return `--${toFlagName(label)}`;
}

function toFlagName(label: string): string {
  return label.toLowerCase().replaceAll(' ', '-');
}

function printJson(call: Call, report: Report, rows: readonly ReportRow[]): void {
  const entries = rows.flatMap((row) => jsonKeys(row, report).map((key) => [key, row[1]] as const));
  call.out(`${goJson(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`);
}

/** Returns the keys of a row in the JSON. */
function jsonKeys([label]: ReportRow, { prefix, bothKeys }: Report): string[] {
  const key = toFlagName(label);
  if (!key.startsWith(`${prefix}-`)) return [key];
  return [key.slice(prefix.length + 1), ...(bothKeys ? [key] : [])];
}

function printTable(call: Call, name: string, report: Report, rows: readonly ReportRow[]): void {
  const width = Math.max(31, ...rows.map((row) => flagOf(row).length));
  if (!call.quiet) call.out(`=====> ${name} ${report.title} information\n`);
  for (const [label, value] of rows) {
    call.out(`       ${`${label.replaceAll('.', ' ')}:`.padEnd(width)}${value}\n`);
  }
}

/** Formats JSON as Go does: characters that are special in HTML are escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
