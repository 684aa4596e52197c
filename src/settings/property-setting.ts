import type { z } from 'zod';
import { classifyRefusal } from '../dokku/refusals.ts';
import {
  changeProperties,
  declareProperties,
  freshProperties,
  type Property,
  type PropertyValues,
  propertyQuestions,
  readProperties,
} from './properties.ts';
import type { Setting, SettingResolver } from './setting.ts';

/** What makes a setting of properties alone. */
export interface PropertyTable<Entry> {
  readonly key: string;
  readonly schema: z.ZodType<Entry>;
  /** All that an entry can declare. */
  readonly properties: readonly Property[];
  /** Returns what an entry declares. Dokku stores any value of most properties, so this checks them (facts-2, F64). */
  resolve(entry: Entry, resolver: SettingResolver): PropertyValues | undefined;
}

/** Returns the setting of a table of properties. */
export function propertySetting<Entry>({
  key,
  schema,
  properties,
  resolve,
}: PropertyTable<Entry>): Setting<Entry, PropertyValues, PropertyValues> {
  return {
    key,
    schema,
    resolve,
    parts: (declared) => Object.keys(declared),
    questions: (app) => propertyQuestions(app, properties),
    // An older Dokku without one of the plugins has none of its properties.
    read: (answers, app) =>
      readProperties(
        app,
        properties,
        answers.map((answer) =>
          answer.kind === 'refused' && classifyRefusal(answer) === 'unknown-command'
            ? { kind: 'answered', stdout: '{}', stderr: '' }
            : answer,
        ),
      ),
    declare: (current) => {
      const own = declareProperties(properties, current);
      if (own === undefined) return undefined;
      const entry = Object.entries(own).map(([part, value]) => [part, readBoolean(value)] as const);
      return schema.safeParse(Object.fromEntries(entry)).data;
    },
    fresh: () => freshProperties(properties),
    changes: (app, current, declared = {}, known) =>
      changeProperties(app, properties, { current, declared, known }),
  };
}

function readBoolean(text: string): string | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}

/** Returns the values that are declared; undefined if there are none. */
export function declaredValues(
  values: Readonly<Record<string, string | undefined>>,
): PropertyValues | undefined {
  const declared = Object.entries(values).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  return declared.length === 0 ? undefined : Object.fromEntries(declared);
}
