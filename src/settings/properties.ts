import type { Answer, Command } from '../dokku/command.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { readReport } from './report.ts';
import type { Change, Known } from './setting.ts';

/** A property that a plugin of Dokku stores with `X:set APP property value`, and its key in the file. */
export interface Property {
  readonly part: string;
  readonly plugin: string;
  readonly property: string;
  /** In a title: `restart policy`. */
  readonly label: string;
  /** The value that brings back the default. Without it, the property is set to nothing. */
  readonly unset?: string;
  readonly effect: Change['effect'];
}

/** The values of properties, as Dokku stores them, by part. */
export type PropertyValues = Readonly<Record<string, string>>;

/** Returns the commands that show an app's own value of each property. */
export function propertyQuestions(app: string, properties: readonly Property[]): Command[] {
  return pluginsOf(properties).map((plugin) => ({ words: [`${plugin}:report`, app, '--format', 'json'] }));
}

function pluginsOf(properties: readonly Property[]): string[] {
  return [...new Set(properties.map(({ plugin }) => plugin))];
}

/** Reads their answers: each property's own value, '' for none. */
export function readProperties(
  app: string,
  properties: readonly Property[],
  answers: readonly Answer[],
): PropertyValues {
  const commands = propertyQuestions(app, properties);
  const reports = new Map(
    pluginsOf(properties).map((plugin, index) => [
      plugin,
      readReport(answers[index], commands[index] ?? { words: [] }),
    ]),
  );
  return Object.fromEntries(
    properties.map(({ part, plugin, property }) => [part, reports.get(plugin)?.get(property) ?? '']),
  );
}

/** Returns the commands that print one value each, for a plugin whose whole report is slow (`ps`: 0.6 s). */
export function flagQuestions(app: string, properties: readonly Property[]): Command[] {
  return properties.map(({ plugin, property }) => ({
    words: [`${plugin}:report`, app, `--${plugin}-${property}`],
  }));
}

/** Reads the answers of `flagQuestions`. Throws `host-refused` for a refusal. */
export function readFlags(
  app: string,
  properties: readonly Property[],
  answers: readonly Answer[],
): PropertyValues {
  const commands = flagQuestions(app, properties);
  return Object.fromEntries(
    properties.map(({ part }, index) => {
      const [answer, command] = [answers[index], commands[index]];
      if (!answer || !command) throw new Error('a question of a setting was not asked');
      if (answer.kind === 'refused') throw refusedError(command, answer);
      return [part, answer.stdout.trim()];
    }),
  );
}

/** Returns the values that are not Dokku's defaults, by part; undefined if there are none. */
export function declareProperties(
  properties: readonly Property[],
  current: PropertyValues,
): PropertyValues | undefined {
  const own = properties.flatMap(({ part, unset = '' }) => {
    const value = current[part] ?? '';
    return value === '' || value === unset ? [] : [[part, value] as const];
  });
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}

/** What an app has that `apps:create` has just made. */
export function freshProperties(properties: readonly Property[]): PropertyValues {
  return Object.fromEntries(properties.map(({ part, unset = '' }) => [part, unset]));
}

/** Returns the changes of properties: of those that are declared, and of those that were. */
export function changeProperties(
  app: string,
  properties: readonly Property[],
  {
    current,
    declared,
    known,
  }: { readonly current: PropertyValues; readonly declared: PropertyValues; readonly known: Known },
): Change[] {
  return properties.flatMap((property): Change[] => {
    const { part, unset = '' } = property;
    const wanted = declared[part];
    if (wanted === undefined && !known.wasDeclared(part)) return [];
    const value = wanted ?? unset;
    const found = current[part] ?? '';
    return found === value ? [] : [propertyChange(app, property, { found, value })];
  });
}

function propertyChange(
  app: string,
  { plugin, property, label, unset = '', effect }: Property,
  { found, value }: { readonly found: string; readonly value: string },
): Change {
  const show = (text: string) => (text === unset ? 'default' : text);
  const isReset = value === unset;
  return {
    id: `${plugin}-${property}`,
    title: `${isReset ? 'Reset' : 'Set'} the ${label} of ${app}`,
    before: show(found),
    after: show(value),
    commands: [{ words: [`${plugin}:set`, app, property, ...(value === '' ? [] : [value])] }],
    phase: 'before-deploy',
    effect,
    repeat: 'the same value is written again',
  };
}
