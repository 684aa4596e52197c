import { z } from 'zod';
import { buildProxyConfig, reportNginx, setNginx } from '../dokku/nginx.ts';
import { findNearest } from '../problems.ts';
import { checkBuffers, checkNginxValue, nginxProperties } from './nginx-values.ts';
import { readReport } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

/** Values by property. */
type Properties = Readonly<Record<string, string>>;

const schema = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()], { error: 'expected text, a number, true or false' }),
  )
  .describe(
    `Properties of nginx for the app, as nginx:set has them: ${[...nginxProperties.keys()].join(', ')}. Each is checked, since nginx refuses the configuration of all apps because of one wrong value.`,
  );

type Entry = z.infer<typeof schema>;

/** `nginx`: properties of an app's nginx configuration. */
export const nginx: Setting<Entry, Properties, ReadonlyMap<string, string>> = {
  key: 'nginx',
  schema,
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => [reportNginx(app)],
  read: ([answer], app) => readReport(answer, reportNginx(app)),
  declare: (current) => {
    const own = [...nginxProperties.keys()].map((key) => [key, current.get(key) ?? ''] as const);
    const set = own.filter(([, value]) => value !== '');
    // nginx has variables of its own.
    const entry = set.map(([key, value]) => [key, value.replaceAll('$', '$$$$')] as const);
    return set.length === 0 ? undefined : Object.fromEntries(entry);
  },
  fresh: () => new Map(),
  changes: (app, current, declared, known) =>
    changeProperties(app, { current, declared: declared ?? {}, known }),
};

function resolve(entry: Entry, resolver: SettingResolver): Properties {
  const found = new Map<string, string>();
  for (const [key, raw] of Object.entries(entry)) {
    const value = resolver.text(raw, key);
    if (!nginxProperties.has(key)) refuseKey(key, resolver);
    // A variable that is missing is a problem already; nginx has variables of its own.
    const wrong = isUnresolved(String(raw), value) ? undefined : checkNginxValue(key, value);
    if (wrong !== undefined) resolver.problem(key, wrong, 'Correct it as nginx documents it.');
    found.set(key, value);
  }
  const wrong = checkBuffers(found);
  if (wrong !== undefined) resolver.problem('', wrong, 'Declare all three, for example 16k, 8 16k and 32k.');
  return Object.fromEntries(found);
}

function refuseKey(key: string, resolver: SettingResolver): void {
  const nearest = findNearest(key, [...nginxProperties.keys()]);
  resolver.problem(
    key,
    'is not a property of nginx that an app can have',
    nearest === undefined
      ? `Use one of ${[...nginxProperties.keys()].join(', ')}.`
      : `Did you mean ${nearest}?`,
  );
}

function isUnresolved(raw: string, value: string): boolean {
  return raw === value && /\$\{?[A-Z]/.test(raw);
}

interface PropertiesInput {
  readonly current: ReadonlyMap<string, string>;
  readonly declared: Properties;
  readonly known: Known;
}

function changeProperties(app: string, { current, declared, known }: PropertiesInput): Change[] {
  const wanted = new Map([
    ...[...nginxProperties.keys()].filter(known.wasDeclared).map((key) => [key, ''] as const),
    ...Object.entries(declared),
  ]);
  const different = [...wanted].filter(([key, value]) => (current.get(key) ?? '') !== value);
  if (different.length === 0) return [];
  // A deploy builds the configuration anyway.
  const build = known.isDeployed ? [buildProxyConfig(app)] : [];
  return [
    {
      id: 'nginx',
      title: `Set the nginx properties of ${app}`,
      before: describeProperties(different.map(([key]) => [key, current.get(key) ?? ''])),
      after: describeProperties(different),
      commands: [...different.map(([key, value]) => setNginx(app, key, value || undefined)), ...build],
      phase: known.isDeployed ? 'after-deploy' : 'before-deploy',
      effect: 'at-once',
      undo: [...different.map(([key]) => setNginx(app, key, current.get(key) || undefined)), ...build],
      repeat: 'the same values are stored again',
    },
  ];
}

function describeProperties(values: readonly (readonly [key: string, value: string])[]): string {
  return values.map(([key, value]) => `${key} ${value || 'default'}`).join(', ');
}
