import type { Command } from './command.ts';

/** What Dokku's schedulers limit or reserve, by the names of its flags. It also stores bandwidths, which none of them uses. */
export const resourceNames = ['cpu', 'memory', 'memory-swap', 'nvidia-gpu'] as const;

export type ResourceName = (typeof resourceNames)[number];

export type ResourceKind = 'limit' | 'reserve';

/** The process type that stands for all others. */
export const allProcesses = '_default_';

/** One value: the limit of a resource for the processes of a type. */
export interface ResourceKey {
  readonly type: string;
  readonly kind: ResourceKind;
  readonly name: ResourceName;
}

/** Prints what is limited and reserved (JSON from Dokku 0.38). */
export function reportResources(app: string): Command {
  return { words: ['resource:report', app, '--format', 'json'] };
}

/** Reads the values of the answer to `reportResources`, which has each of them twice: `web.limit.cpu` and `resource-web.limit.cpu`. */
export function readResources(report: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...report].filter(
      ([key, value]) =>
        value !== '' && report.has(`resource-${key}`) && /^.+\.(limit|reserve)\.[a-z-]+$/.test(key),
    ),
  );
}

/** Returns a value's key in a report: `_default_.limit.memory`. */
export function resourceId({ type, kind, name }: ResourceKey): string {
  return `${type}.${kind}.${name}`;
}

/** Reads a value's key; undefined for one of a resource that is not known here. */
export function parseResourceId(id: string): ResourceKey | undefined {
  const [, type = '', kind, name] = /^(.+)\.(limit|reserve)\.([a-z-]+)$/.exec(id) ?? [];
  const known = resourceNames.find((one) => one === name);
  return known && { type, kind: kind as ResourceKind, name: known };
}

/** Stores values of one process type; undefined removes one. */
export function writeResources(
  app: string,
  { type, kind }: Pick<ResourceKey, 'type' | 'kind'>,
  values: ReadonlyMap<ResourceName, string | undefined>,
): Command {
  const flags = [...values].flatMap(([name, value]) => [`--${name}`, value ?? 'clear']);
  const ofType = type === allProcesses ? [] : ['--process-type', type];
  return { words: [`resource:${kind}`, ...flags, ...ofType, app] };
}
