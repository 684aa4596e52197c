import { fail, findApp } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';

/** The report of a plugin that is written in shell: rows in its own order, and JSON only if the plugin is newer. */
export interface ShellReport {
  readonly plugin: string;
  /** The rows without the plugin's name: key and value. */
  readonly rows: (app: App, host: SandboxHost) => readonly (readonly [key: string, value: string])[];
  /** Whether it takes `--format json` and `--global`. */
  readonly hasJson: boolean;
  /** Keys whose value may be asked for when it is empty; for others the command then fails. */
  readonly optional?: readonly string[];
}

interface Options {
  readonly flag: string | undefined;
  readonly format: string;
}

/** Returns the handler of `X:report [APP] [--flag]` for such a plugin. */
export function createShellReportHandler(report: ShellReport): Handler {
  return (call, host) => {
    const { words, format, isGlobal } = report.hasJson
      ? takeOptions(call.words)
      : { words: call.words, format: 'stdout', isGlobal: false };
    const [first = '', second] = words;
    const isFlag = first.startsWith('--');
    const options = { flag: isFlag ? first : second, format };
    if (isGlobal) return print(call, report, '--global', globalRows(report, host), options);
    if (first !== '' && !isFlag) {
      const app = findApp(call, host, first);
      return typeof app === 'number' ? app : print(call, report, app.name, report.rows(app, host), options);
    }
    // An error of one app doesn't stop the report of all.
    for (const name of [...host.state.apps.keys()].sort()) {
      const app = host.state.apps.get(name);
      if (app) print(call, report, name, report.rows(app, host), options);
    }
    return 0;
  };
}

function takeOptions(words: readonly string[]) {
  const at = words.indexOf('--format');
  const format = at === -1 ? 'stdout' : (words[at + 1] ?? '');
  const rest = at === -1 ? words : [...words.slice(0, at), ...words.slice(at + 2)];
  return { words: rest.filter((word) => word !== '--global'), format, isGlobal: words.includes('--global') };
}

function globalRows({ rows }: ShellReport, host: SandboxHost): (readonly [string, string])[] {
  return rows(host.state.global, host).filter(([key]) => key.startsWith('global-'));
}

function print(
  call: Call,
  { plugin, optional = [] }: ShellReport,
  name: string,
  rows: readonly (readonly [key: string, value: string])[],
  { flag, format }: Options,
): number {
  if (format !== 'stdout' && flag !== undefined)
    return fail(call, '--format flag cannot be specified when specifying an info flag');
  if (format === 'json') {
    call.out(`${JSON.stringify(Object.fromEntries(rows))}\n`);
    return 0;
  }
  if (flag === undefined) {
    if (!call.quiet) call.out(`=====> ${name === '--global' ? 'global' : name} ${plugin} information\n`);
    for (const [key, value] of rows) {
      const label = `${plugin}-${key}:`.replaceAll('-', ' ');
      call.out(`       ${`${label[0]?.toUpperCase()}${label.slice(1)}`.padEnd(30)} ${value.padEnd(25)}\n`);
    }
    return 0;
  }
  const row = rows.find(([key]) => `--${plugin}-${key}` === flag);
  if (!row) {
    return fail(
      call,
      `Invalid flag passed, valid flags:${rows.map(([key]) => ` --${plugin}-${key}`).join('')}`,
    );
  }
  if (row[1] !== '') call.out(`${row[1]}\n`);
  else if (!optional.includes(row[0])) return fail(call, 'not deployed');
  return 0;
}
