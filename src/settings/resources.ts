import { z } from 'zod';
import {
  allProcesses,
  parseResourceId,
  type ResourceKey,
  type ResourceKind,
  type ResourceName,
  readResources,
  reportResources,
  resourceId,
  resourceNames,
  writeResources,
} from '../dokku/resources.ts';
import { findNearest } from '../problems.ts';
import { isSameAmount, readAmount } from './amounts.ts';
import { readReport } from './report.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

const amount = z.union([z.string().trim().min(1), z.number()], {
  error: 'expected a number, or a number with its unit (512m)',
});

const amounts = {
  cpu: amount.optional().describe('CPUs: 0.5'),
  memory: amount
    .optional()
    .describe('Memory: megabytes (256), or with k, m or g (2g). Docker takes no less than 6 MB.'),
  memory_swap: amount.optional().describe('Memory and swap together, in the same units.'),
  nvidia_gpu: amount.optional().describe('The number of GPUs.'),
};

const levels = {
  ...amounts,
  limit: z.strictObject(amounts).optional().describe('The same as without limit.'),
  reserve: z.strictObject(amounts).optional().describe('What is reserved, rather than limited.'),
};

const schema = z
  .object(levels)
  .catchall(z.strictObject(levels, { error: 'expected an object such as {memory: 256}' }))
  .describe(
    'What the app’s processes may use: {memory: 256} for all, {web: {memory: 256, reserve: {memory: 128}}} for the type web. A value of a type takes precedence. Counts from the next deploy.',
  );

type ResourcesEntry = z.infer<typeof schema>;
type Levels = z.infer<z.ZodObject<typeof levels>>;

/** The amounts that are declared, by `resourceId`. */
type Amounts = Readonly<Record<string, string>>;

/** `resources`: the limits and reservations of the app's processes. */
export const resources: Setting<ResourcesEntry, Amounts, ReadonlyMap<string, string>> = {
  key: 'resources',
  schema,
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => [reportResources(app)],
  read: ([answer], app) => readResources(readReport(answer, reportResources(app))),
  declare,
  fresh: () => new Map(),
  changes,
};

function declare(current: ReadonlyMap<string, string>): ResourcesEntry | undefined {
  const entry: Record<string, unknown> = {};
  for (const [id, value] of current) {
    const parsed = parseResourceId(id);
    if (!parsed) continue;
    const ofType = parsed.type === allProcesses ? entry : nest(entry, parsed.type);
    const level = parsed.kind === 'limit' ? ofType : nest(ofType, 'reserve');
    level[parsed.name.replaceAll('-', '_')] = value;
  }
  return Object.keys(entry).length === 0 ? undefined : (entry as ResourcesEntry);
}

function nest(holder: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = Object.hasOwn(holder, key) ? holder[key] : undefined;
  const inner = (found ?? {}) as Record<string, unknown>;
  holder[key] = inner;
  return inner;
}

function resolve(entry: ResourcesEntry, resolver: SettingResolver): Amounts {
  const own = new Set(Object.keys(levels));
  const processes = Object.entries(entry).filter(([key]) => !own.has(key)) as [string, Levels][];
  const found = new Map([
    ...resolveLevels(entry as Levels, { type: allProcesses, at: '' }, resolver),
    ...processes.flatMap(([type, one]) => {
      checkProcess(type, resolver);
      return [...resolveLevels(one, { type, at: type }, resolver)];
    }),
  ]);
  checkTogether(found, [allProcesses, ...processes.map(([type]) => type)], resolver);
  return Object.fromEntries(found);
}

/** Dokku takes any type, and limits nothing. */
function checkProcess(type: string, { processes, problem }: SettingResolver): void {
  if (processes === undefined || processes.includes(type)) return;
  const nearest = findNearest(type, processes);
  problem(
    type,
    'is not a process of the Procfile',
    nearest === undefined ? `It has ${processes.join(', ') || 'none'}.` : `Did you mean ${nearest}?`,
  );
}

interface LevelPlace {
  readonly type: string;
  readonly at: string;
}

function resolveLevels(
  { limit = {}, reserve = {}, ...direct }: Levels,
  { type, at }: LevelPlace,
  resolver: SettingResolver,
): Map<string, string> {
  const kinds: readonly [ResourceKind, object, string][] = [
    ['limit', direct, at],
    ['limit', limit, join(at, 'limit')],
    ['reserve', reserve, join(at, 'reserve')],
  ];
  const found = kinds.flatMap(([kind, values, where]) =>
    resourceNames.flatMap((name): [string, string][] => {
      const key = name.replaceAll('-', '_');
      const raw = (values as Readonly<Record<string, string | number | undefined>>)[key];
      if (raw === undefined) return [];
      return [[resourceId({ type, kind, name }), resolveAmount(name, raw, join(where, key), resolver)]];
    }),
  );
  return new Map(found);
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
}

function resolveAmount(
  name: ResourceName,
  raw: string | number,
  at: string,
  resolver: SettingResolver,
): string {
  const text = resolver.text(raw, at).trim();
  // A variable that is missing is a problem already.
  if (text.includes('$')) return text;
  const read = readAmount(name, text);
  if (typeof read === 'string') return read;
  resolver.problem(at, read.message, read.remedy);
  return text;
}

/** Docker refuses a reservation above the limit, and swap without a limit or below it: the next deploy fails. */
function checkTogether(
  found: ReadonlyMap<string, string>,
  processes: readonly string[],
  { problem }: SettingResolver,
): void {
  for (const type of processes) {
    const value = (kind: ResourceKind, name: ResourceName) =>
      found.get(resourceId({ type, kind, name })) ??
      found.get(resourceId({ type: allProcesses, kind, name }));
    const [limit, reserve] = [value('limit', 'memory'), value('reserve', 'memory')];
    const swap = value('limit', 'memory-swap');
    const at = type === allProcesses ? '' : type;
    if (limit !== undefined && reserve !== undefined && Number(reserve) > Number(limit))
      problem(
        at,
        `reserves ${reserve} MB of memory, more than its limit of ${limit} MB`,
        'A value for all processes counts where a type has none of its own.',
      );
    if (swap !== undefined && (limit === undefined || Number(swap) < Number(limit)))
      problem(
        at,
        'has a memory_swap without a smaller limit of memory',
        'memory_swap is memory and swap together: write memory, too, and no more than that.',
      );
  }
}

function changes(
  app: string,
  current: ReadonlyMap<string, string>,
  declared: Amounts = {},
  known: Known,
): Change[] {
  const differing = new Map<string, string | undefined>(
    Object.entries(declared).filter(([id, value]) => !isSame(id, current.get(id), value)),
  );
  for (const id of current.keys())
    if (!Object.hasOwn(declared, id) && known.wasDeclared(id)) differing.set(id, undefined);
  return groupByCommand(differing).map(([group, values]): Change => {
    const { type, kind } = group;
    const who = type === allProcesses ? app : `${type} of ${app}`;
    const before = [...values.keys()].map(
      (name) => [name, current.get(resourceId({ ...group, name }))] as const,
    );
    return {
      id: `resources-${kind}${type === allProcesses ? '' : `-${type.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`}`,
      title: `${kind === 'limit' ? 'Limit' : 'Reserve'} the resources of ${who}`,
      before: describe(before),
      after: describe([...values]),
      commands: [writeResources(app, { type, kind }, values)],
      phase: 'before-deploy',
      effect: 'next-deploy',
      repeat: 'the same values are written again',
    };
  });
}

function isSame(id: string, current: string | undefined, declared: string): boolean {
  const name = parseResourceId(id)?.name;
  return current !== undefined && name !== undefined && isSameAmount(name, current, declared);
}

type Group = Pick<ResourceKey, 'type' | 'kind'>;

/** One command writes all values of a kind and a process type. */
function groupByCommand(
  values: ReadonlyMap<string, string | undefined>,
): [Group, Map<ResourceName, string | undefined>][] {
  const groups = new Map<string, [Group, Map<ResourceName, string | undefined>]>();
  for (const [id, value] of values) {
    const key = parseResourceId(id);
    if (key === undefined) continue;
    const { type, kind, name } = key;
    const [group, own] = groups.get(`${type}.${kind}`) ?? [{ type, kind }, new Map()];
    groups.set(`${type}.${kind}`, [group, own.set(name, value)]);
  }
  return [...groups.values()];
}

function describe(values: readonly (readonly [ResourceName, string | undefined])[]): string {
  const parts = values.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  return parts.length === 0 ? 'none' : parts.join(', ');
}
