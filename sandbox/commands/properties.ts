import { fail, printChange } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, type Report, type ReportRow } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { withTarget } from '../host/with-app.ts';

/** One thing that a plugin keeps of an app, and how its report shows it. */
export interface Property {
  /** As `X:set` takes it. */
  readonly key: string;
  /** What is used where neither the app nor the host has set it; undefined: no row tells. */
  readonly computed?: string | ((app: App) => string);
  /** The host may set it for all apps; its report has a row for that unless this is false. */
  readonly global?: boolean;
  /** Whether an app may set it. */
  readonly own?: boolean;
}

/** A plugin that keeps properties: its `X:report` and `X:set` follow from the table. */
export interface PropertyPlugin {
  readonly plugin: string;
  readonly title?: string;
  readonly properties: readonly Property[];
  /** Rows that are no properties. */
  readonly rows?: (app: App, host: SandboxHost) => readonly ReportRow[];
  readonly bothKeys?: boolean;
  /** The shell plugins say `key` where the others say `property`, and list them in their own order. */
  readonly noun?: 'key' | 'property';
  /** Refuses a value; undefined takes it. */
  readonly validate?: (key: string, value: string) => string | undefined;
  /** What is done after a change. */
  readonly onChange?: (call: Call, host: SandboxHost, app: App) => number;
}

/** The two commands of a plugin that keeps properties. */
export function propertyPlugin(table: PropertyPlugin): Plugin {
  return {
    [`${table.plugin}:report`]: createReportHandler(createReport(table)),
    [`${table.plugin}:set`]: createSetHandler(table),
  };
}

function createSetHandler(table: PropertyPlugin): Handler {
  return withTarget(({ call, host, app, isGlobal, rest: [key, value = ''] }) => {
    const noun = table.noun ?? 'property';
    const found = table.properties.find((property) => property.key === key);
    if (isGlobal && noun === 'property' && (!found || found.global === false))
      return fail(call, 'Property cannot be specified globally');
    if (key === undefined) return fail(call, `No ${noun} specified`);
    if (!found) {
      const keys = table.properties.map((property) => property.key);
      const known = (noun === 'key' ? keys : keys.toSorted()).join(', ');
      return fail(
        call,
        `Invalid ${noun} specified, valid ${noun === 'key' ? 'keys' : 'properties'} include: ${known}`,
      );
    }
    const refused = value === '' ? undefined : table.validate?.(key, value);
    if (refused !== undefined) return fail(call, refused);
    setProperty(app, table.plugin, key, value);
    printChange(call, key, value);
    return table.onChange?.(call, host, app) ?? 0;
  });
}

/** The report that a table of properties gives. */
export function createReport(table: PropertyPlugin): Report {
  return {
    title: table.title ?? table.plugin,
    prefix: table.plugin,
    bothKeys: table.bothKeys ?? false,
    rows: (app, host) => [...rowsOf(table, app, host, false), ...(table.rows?.(app, host) ?? [])],
    globalRows: (app, host) => rowsOf(table, app, host, true),
  };
}

function rowsOf(
  { plugin, properties }: PropertyPlugin,
  app: App,
  host: SandboxHost,
  wide: boolean,
): ReportRow[] {
  return properties.flatMap(({ key, computed, global = true, own = true }) => {
    const words = key.replaceAll('-', ' ');
    const label = formatTitle(plugin);
    const shared = ownProperty(host.state.global, plugin, key);
    const mine = wide ? '' : ownProperty(app, plugin, key);
    const usual = typeof computed === 'function' ? computed(app) : (computed ?? '');
    const rows: (ReportRow | undefined)[] = [
      own && !wide ? [`${label} ${words}`, mine] : undefined,
      global ? [`${label} global ${words}`, shared] : undefined,
      computed !== undefined && (global || !wide)
        ? [`${label} computed ${words}`, mine || shared || usual]
        : undefined,
    ];
    return rows.filter((row) => row !== undefined);
  });
}

function formatTitle(plugin: string): string {
  const words = plugin.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
