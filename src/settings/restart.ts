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
import { count, readCount } from './value.ts';

const map = z.strictObject({
  policy: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe(
      'no, always, unless-stopped, on-failure or on-failure:N (at most N times). Default: on-failure:10',
    ),
  stop_timeout: count
    .optional()
    .describe('Seconds that a process has after SIGTERM, before it is killed. Default: 30'),
});

type Entry = string | z.infer<typeof map>;

const properties: readonly Property[] = [
  {
    part: 'policy',
    plugin: 'ps',
    property: 'restart-policy',
    label: 'restart policy',
    effect: 'next-deploy',
  },
  {
    part: 'stop_timeout',
    plugin: 'ps',
    property: 'stop-timeout-seconds',
    label: 'stop timeout',
    effect: 'next-deploy',
  },
];

const defaultPolicy = 'on-failure:10';

/** `restart`: what Docker does about a process that ends, and how long one may take to end. */
export const restart: Setting<Entry, PropertyValues, PropertyValues> = {
  key: 'restart',
  schema: z
    .union([z.string().trim().min(1), map], { error: 'expected a restart policy, or an object' })
    .describe('What Docker does about a process that ends: a policy (on-failure:20), or an object.'),
  // A policy alone replaces no stop timeout of a broader block.
  merge: (wide, narrow) => ({ ...toMap(wide), ...toMap(narrow) }),
  resolve,
  parts: (declared) => Object.keys(declared),
  questions: (app) => flagQuestions(app, properties),
  read: (answers, app) => readFlags(app, properties, answers),
  declare: (current) =>
    declareProperties(properties, current.policy === defaultPolicy ? { ...current, policy: '' } : current),
  fresh: () => freshProperties(properties),
  changes: (app, current, declared = {}, known) =>
    changeProperties(app, properties, { current, declared, known }),
};

function toMap(entry: Entry): z.infer<typeof map> {
  return typeof entry === 'string' ? { policy: entry } : entry;
}

function resolve(entry: Entry, resolver: SettingResolver): PropertyValues | undefined {
  const { policy, stop_timeout } = toMap(entry);
  const declared = {
    ...(policy === undefined ? {} : { policy: resolvePolicy(policy, typeof entry === 'string', resolver) }),
    ...(stop_timeout === undefined ? {} : { stop_timeout: resolveTimeout(stop_timeout, resolver) }),
  };
  return Object.keys(declared).length > 0 ? declared : undefined;
}

/** Dokku refuses an unknown policy and accepts `on-failure:x` (facts-2, F49). */
function resolvePolicy(raw: string, isAlone: boolean, resolver: SettingResolver): string {
  const at = isAlone ? '' : 'policy';
  const policy = resolver.text(raw, at);
  if (!/^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/.test(policy) && !policy.includes('$')) {
    resolver.problem(
      at,
      `${JSON.stringify(policy)} is not a restart policy`,
      'Use no, always, unless-stopped, on-failure or on-failure:10.',
    );
  }
  return policy;
}

function resolveTimeout(raw: string | number, resolver: SettingResolver): string {
  const text = resolver.text(raw, 'stop_timeout');
  if (readCount(text) === undefined && !text.includes('$'))
    resolver.problem(
      'stop_timeout',
      `${JSON.stringify(text)} is not a number of seconds`,
      'Write 30, for example.',
    );
  return text;
}
