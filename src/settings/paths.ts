import { z } from 'zod';
import {
  changeProperties,
  declareProperties,
  flagQuestions,
  freshProperties,
  type Property,
  type PropertyValues,
  readFlags,
} from './properties.ts';
import type { Setting, SettingResolver } from './setting.ts';

const schema = z
  .strictObject({
    app_json: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('The path of app.json below the shipped folder. Default: app.json'),
    procfile: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('The path of the Procfile below the shipped folder. Default: Procfile'),
  })
  .describe('Where Dokku finds the files that describe the app.');

/** What the file has for `paths`. */
export type PathsEntry = z.infer<typeof schema>;

const properties: readonly Property[] = [
  {
    part: 'app_json',
    plugin: 'app-json',
    property: 'appjson-path',
    label: 'path of app.json',
    effect: 'next-deploy',
  },
  {
    part: 'procfile',
    plugin: 'ps',
    property: 'procfile-path',
    label: 'path of the Procfile',
    effect: 'next-deploy',
  },
];

/** `paths`: the files that describe an app, where they have other places. */
export const paths: Setting<PathsEntry, PropertyValues, PropertyValues> = {
  key: 'paths',
  schema,
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => flagQuestions(app, properties),
  read: (answers, app) => readFlags(app, properties, answers),
  declare: (current) => declareProperties(properties, current),
  fresh: () => freshProperties(properties),
  changes: (app, current, declared = {}, known) =>
    changeProperties(app, properties, { current, declared, known }),
};

function resolve(entry: PathsEntry, resolver: SettingResolver): PropertyValues | undefined {
  const declared = Object.fromEntries(
    Object.entries(entry).flatMap(([part, raw]) =>
      raw === undefined ? [] : [[part, resolvePath(raw, part, resolver)] as const],
    ),
  );
  return Object.keys(declared).length > 0 ? declared : undefined;
}

/** Dokku ignores a path that does not exist: no scripts and no checks, with success (facts-2, F61). */
function resolvePath(raw: string, at: string, resolver: SettingResolver): string {
  const path = normalizePath(resolver.text(raw, at));
  const isInside = /^[\w@%+=:,.][\w@%+=:,./ -]*$/.test(path) && !path.split('/').includes('..');
  if (!isInside && !path.includes('$')) {
    const message = `${JSON.stringify(path)} is not a path below the shipped folder`;
    resolver.problem(at, message, 'Write a relative path without `..`, for example deploy/app.json.');
  }
  return path;
}

/** Returns a path as git and Dokku know it: without `./` in front. */
export function normalizePath(path: string): string {
  return path.trim().replace(/^(\.\/)+/, '');
}
