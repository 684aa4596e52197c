import { fail, printChange } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, type Report, type ReportRow } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { withTarget } from '../host/with-app.ts';

/** One property that a plugin stores for an app, and how the plugin's report shows it. */
export interface Property {
  /** The name that `X:set` takes. */
  readonly key: string;
  /** The value in effect when neither the app nor the host sets one; without it the report has no `computed` row. */
  readonly computed?: string | ((app: App) => string);
  /** False if it can't be set with `--global`; the report then has no `global` row. */
  readonly global?: boolean;
  /** False if it can only be set with `--global`. */
  readonly own?: boolean;
  /** What the `global` row shows if nothing is set. */
  readonly shown?: string;
  /** True if no report shows it. */
  readonly isSecret?: boolean;
}

/** A plugin that stores properties. Its `X:report` and `X:set` commands are derived from this table. */
export interface PropertyPlugin {
  readonly plugin: string;
  readonly title?: string;
  readonly properties: readonly Property[];
  /** Further rows of the report that aren't properties. */
  readonly rows?: (app: App, host: SandboxHost) => readonly ReportRow[];
  readonly bothKeys?: boolean;
  readonly crash?: Report['crash'];
  /** The word in error messages. Plugins written in shell use `key`, and list keys in their own order. */
  readonly noun?: 'key' | 'property';
  /** The keys that the error message for an unknown one lists, if they aren't those of the properties. */
  readonly validKeys?: readonly string[];
  /** Returns the error message for an invalid value, undefined for a valid one. */
  readonly validate?: (key: string, value: string) => string | undefined;
  /** Runs after a change and returns the command's exit code. */
  readonly onChange?: (call: Call, host: SandboxHost, app: App) => number;
}

/** Returns the `report` and `set` commands of a plugin. */
export function propertyPlugin(table: PropertyPlugin): Plugin {
  return {
    [`${table.plugin}:report`]: createReportHandler(createReport(table)),
    [`${table.plugin}:set`]: createSetHandler(table),
  };
}

/** Returns the `set` command of a plugin. */
export function createSetHandler(table: PropertyPlugin): Handler {
  return withTarget(({ call, host, app, isGlobal, rest: [key, ...words] }) => {
    const noun = table.noun ?? 'property';
    // Plugins written in shell take a value for what it is, even if it looks like a flag.
    const [value = ''] = noun === 'key' ? call.words.slice(call.words.indexOf(key ?? '') + 1) : words;
    const found = table.properties.find((property) => property.key === key);
    if (isGlobal && noun === 'property' && (!found || found.global === false))
      return fail(call, 'Property cannot be specified globally');
    if (key === undefined) return fail(call, `No ${noun} specified`);
    if (!found) {
      const keys = table.validKeys ?? table.properties.map((property) => property.key);
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

/** Returns the report that a table of properties describes. */
export function createReport(table: PropertyPlugin): Report {
  return {
    title: table.title ?? table.plugin,
    prefix: table.plugin,
    bothKeys: table.bothKeys ?? false,
    ...(table.crash ? { crash: table.crash } : {}),
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
  return properties.flatMap(({ key, computed, global = true, own = true, shown = '', isSecret }) => {
    if (isSecret) return [];
    const words = key.replaceAll('-', ' ');
    const label = formatTitle(plugin);
    const shared = ownProperty(host.state.global, plugin, key);
    const mine = wide ? '' : ownProperty(app, plugin, key);
    const fallback = typeof computed === 'function' ? computed(app) : (computed ?? '');
    const rows: (ReportRow | undefined)[] = [
      own && !wide ? [`${label} ${words}`, mine] : undefined,
      global ? [`${label} global ${words}`, shared || shown] : undefined,
      computed !== undefined && (global || !wide)
        ? [`${label} computed ${words}`, mine || shared || fallback]
        : undefined,
    ];
    return rows.filter((row) => row !== undefined);
  });
}

function formatTitle(plugin: string): string {
  const words = plugin.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
