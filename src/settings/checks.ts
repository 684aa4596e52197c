import { z } from 'zod';
import type { Command } from '../dokku/command.ts';
import {
  changeProperties,
  declareProperties,
  freshProperties,
  type Property,
  propertyQuestions,
  readProperties,
} from './properties.ts';
import { readReport } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';
import { count, readCount } from './value.ts';

const types = z
  .union([z.boolean(), z.array(z.string().trim().min(1))], {
    error: 'expected true, false or a list of process types',
  })
  .optional();

const map = z.strictObject({
  startup: z
    .boolean()
    .optional()
    .describe(
      'Whether an app without healthchecks in app.json gets a startup check of 3 seconds, instead of Dokku’s wait of 10 seconds. Default: true for review apps, false for environments.',
    ),
  disable: types.describe(
    'Process types of which the old process is stopped before the new one starts, without any check; true for all.',
  ),
  skip: types.describe('Process types whose new process is not checked; true for all.'),
  wait_to_retire: count
    .optional()
    .describe('Seconds for which the old processes keep running after a deploy. Default: 60'),
});

type Entry = boolean | z.infer<typeof map>;

/** `all` stands for all types. */
type Types = 'all' | readonly string[];

interface DeclaredChecks {
  readonly disable?: Types;
  readonly skip?: Types;
  readonly wait_to_retire?: string;
}

interface AppChecks {
  readonly disable: Types;
  readonly skip: Types;
  readonly wait_to_retire: string;
}

const properties: readonly Property[] = [
  {
    part: 'wait_to_retire',
    plugin: 'checks',
    property: 'wait-to-retire',
    label: 'time before old processes are retired',
    // It is a matter of the deploy that comes, and no reason for one.
    effect: 'at-once',
  },
];

/** `checks`: how a deploy makes sure that the new processes run. */
export const checks: Setting<Entry, DeclaredChecks, AppChecks> = {
  key: 'checks',
  schema: z
    .union([z.boolean(), map], { error: 'expected true, false or an object' })
    .describe(
      'How a deploy checks the new processes. true or false alone is startup; an object sets what Dokku’s checks commands set.',
    ),
  merge: (wide, narrow) => ({ ...toMap(wide), ...toMap(narrow) }),
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => propertyQuestions(app, properties),
  read: (answers, app) => {
    const report = readReport(answers[0], propertyQuestions(app, properties)[0] ?? { words: [] });
    return {
      disable: parseTypes(report.get('disabled-list')),
      skip: parseTypes(report.get('skipped-list')),
      wait_to_retire: readProperties(app, properties, answers).wait_to_retire ?? '',
    };
  },
  declare,
  fresh: () => ({ disable: [], skip: [], wait_to_retire: freshProperties(properties).wait_to_retire ?? '' }),
  changes: (app, current, declared = {}, known) => [
    ...changeTypes(app, current, { declared, known }),
    ...changeProperties(app, properties, {
      current: { wait_to_retire: current.wait_to_retire },
      declared: declared.wait_to_retire === undefined ? {} : { wait_to_retire: declared.wait_to_retire },
      known,
    }),
  ],
};

function declare({ disable, skip, ...values }: AppChecks): Entry | undefined {
  const entry = {
    ...(disable.length === 0 ? {} : { disable: disable === 'all' ? true : [...disable] }),
    ...(skip.length === 0 ? {} : { skip: skip === 'all' ? true : [...skip] }),
    ...declareProperties(properties, values),
  };
  return Object.keys(entry).length > 0 ? entry : undefined;
}

/** Returns whether an entry asks for the startup check of this tool; undefined if it does not say. */
export function readStartup(entry: unknown): boolean | undefined {
  if (typeof entry === 'boolean') return entry;
  return typeof entry === 'object' && entry !== null ? toMap(entry as Entry).startup : undefined;
}

function toMap(entry: Entry): z.infer<typeof map> {
  return typeof entry === 'boolean' ? { startup: entry } : entry;
}

function parseTypes(list = 'none'): Types {
  if (list === '_all_') return 'all';
  return list.split(',').filter((type) => type !== '' && type !== 'none');
}

function resolve(entry: Entry, resolver: SettingResolver): DeclaredChecks | undefined {
  const { disable, skip, wait_to_retire } = toMap(entry);
  const declared = {
    ...(disable === undefined ? {} : { disable: resolveTypes(disable, 'disable', resolver) }),
    ...(skip === undefined ? {} : { skip: resolveTypes(skip, 'skip', resolver) }),
    ...(wait_to_retire === undefined ? {} : { wait_to_retire: resolveSeconds(wait_to_retire, resolver) }),
  };
  const both = intersect(declared.disable ?? [], declared.skip ?? []);
  if (both !== undefined)
    resolver.problem('skip', `${both} is disabled and skipped`, 'Dokku does one of them: remove the other.');
  return Object.keys(declared).length > 0 ? declared : undefined;
}

/** Dokku accepts types that no Procfile has (facts-2, F51). */
function resolveTypes(entry: boolean | readonly string[], at: string, resolver: SettingResolver): Types {
  if (typeof entry === 'boolean') return entry ? 'all' : [];
  return entry.map((raw, index) => {
    const type = resolver.text(raw, `${at}.${index}`);
    const { processes } = resolver;
    if (!/^[A-Za-z0-9_-]+$/.test(type)) {
      if (!type.includes('$'))
        resolver.problem(
          `${at}.${index}`,
          `${JSON.stringify(type)} is not a type of process`,
          'Write it as in the Procfile.',
        );
    } else if (processes && !processes.includes(type)) {
      const remedy = processes.length > 0 ? `It has: ${processes.join(', ')}.` : 'It has none.';
      resolver.problem(`${at}.${index}`, `the Procfile has no process ${type}`, remedy);
    }
    return type;
  });
}

function resolveSeconds(raw: string | number, resolver: SettingResolver): string {
  const text = resolver.text(raw, 'wait_to_retire');
  if (readCount(text) === undefined && !text.includes('$')) {
    const message = `${JSON.stringify(text)} is not a number of seconds`;
    resolver.problem('wait_to_retire', message, 'Write 60, for example.');
  }
  return text;
}

/** Returns what two lists have in common; undefined for nothing. */
function intersect(one: Types, other: Types): string | undefined {
  if (one === 'all' || other === 'all') return one.length > 0 && other.length > 0 ? 'every type' : undefined;
  return one.find((type) => other.includes(type));
}

/**
 * Returns the change of both lists: to disable a type takes it off the skipped ones, and the other way round. They are made
 * anew from nothing, since Dokku keeps `all` beside a type that is enabled.
 */
function changeTypes(
  app: string,
  current: AppChecks,
  { declared, known }: { readonly declared: DeclaredChecks; readonly known: Known },
): Change[] {
  const disable = wantedTypes('disable', current, { declared, known });
  const skip = wantedTypes('skip', current, { declared, known });
  if (isSame(disable, current.disable) && isSame(skip, current.skip)) return [];
  const isSet = current.disable.length + current.skip.length > 0;
  return [
    {
      id: 'checks',
      title: `Set the checks of ${app}`,
      before: describe(current.disable, current.skip),
      after: describe(disable, skip),
      commands: [
        ...(isSet ? [listCommand('enable', app, 'all')] : []),
        ...(disable.length > 0 ? [listCommand('disable', app, disable)] : []),
        ...(skip.length > 0 ? [listCommand('skip', app, skip)] : []),
      ],
      phase: 'before-deploy',
      effect: 'at-once',
      repeat: 'the whole lists are written again',
    },
  ];
}

/** A list that is not declared keeps what it has, but for the types that the other one takes away. */
function wantedTypes(
  part: 'disable' | 'skip',
  current: AppChecks,
  { declared, known }: { readonly declared: DeclaredChecks; readonly known: Known },
): Types {
  const own = declared[part];
  if (own !== undefined) return own;
  if (known.wasDeclared(part)) return [];
  const other = declared[part === 'disable' ? 'skip' : 'disable'] ?? [];
  const kept = current[part];
  if (other === 'all') return [];
  return kept === 'all' ? (other.length > 0 ? [] : kept) : kept.filter((type) => !other.includes(type));
}

function isSame(one: Types, other: Types): boolean {
  if (one === 'all' || other === 'all') return one === other;
  return new Set(one).size === new Set(other).size && one.every((type) => other.includes(type));
}

function describe(disable: Types, skip: Types): string {
  const parts = [
    ...(disable.length > 0 ? [`disabled: ${show(disable)}`] : []),
    ...(skip.length > 0 ? [`skipped: ${show(skip)}`] : []),
  ];
  return parts.length > 0 ? parts.join('; ') : 'checked';
}

function show(list: Types): string {
  return list === 'all' ? 'all' : list.join(', ');
}

function listCommand(word: 'enable' | 'disable' | 'skip', app: string, list: Types): Command {
  return { words: [`checks:${word}`, app, ...(list === 'all' ? [] : [list.join(',')])] };
}
