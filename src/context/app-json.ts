import type { ParseError } from 'jsonc-parser';
import type { Problem } from '../problems.ts';
import type { ServiceEntry } from './schema.ts';

/** What this tool takes from app.json; the rest is Dokku's to read. */
export interface AppJson {
  /** Services asked for by `addons`. */
  readonly services: readonly ServiceEntry[];
  /** The file with `environments.review` put over it, where it has one: Dokku knows no such key. */
  readonly reviewText: string | undefined;
}

/**
 * The JSON of an app.yml, which Dokku never reads, in the form of the app.json that was meant. A text that is no YAML
 * comes back as it is, for `readAppJson` to say what is wrong.
 */
export async function convertYaml(text: string): Promise<string> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  return document.errors.length > 0 ? text : `${JSON.stringify(document.toJS(), null, 2)}\n`;
}

interface Addon {
  readonly plan?: string;
  readonly as?: string;
}

interface AppJsonContent {
  readonly addons?: readonly (string | Addon)[];
  readonly environments?: { readonly review?: Readonly<Record<string, unknown>> };
  readonly [key: string]: unknown;
}

/**
 * Reads app.json, which Dokku takes with comments and trailing commas. `review` says whether `environments.review`
 * counts.
 */
export async function readAppJson({
  path,
  text,
  review,
}: {
  readonly path: string;
  readonly text: string;
  readonly review: boolean;
}): Promise<AppJson & { readonly problems: readonly Problem[] }> {
  const { parse, printParseErrorCode } = await import('jsonc-parser');
  const errors: ParseError[] = [];
  const content: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || !isRecord(content)) {
    const what = error ? printParseErrorCode(error.error) : 'it is not an object';
    const where = `${path}:${formatPosition(text, error?.offset ?? 0)}`;
    const remedy = 'Dokku would refuse the deploy: mend the file.';
    return {
      services: [],
      reviewText: undefined,
      problems: [{ where, message: `it is not valid JSON: ${what}`, remedy }],
    };
  }
  const merged = review ? mergeReview(content) : undefined;
  const addons = (merged ?? (content as AppJsonContent)).addons;
  return {
    services: Array.isArray(addons) ? addons.flatMap(toServiceEntry) : [],
    reviewText: merged && `${JSON.stringify(merged, null, 2)}\n`,
    problems: [],
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function formatPosition(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Heroku puts an environment's keys over the top ones; `env` is merged name by name. */
function mergeReview(content: AppJsonContent): AppJsonContent | undefined {
  const review = content.environments?.review;
  if (!isRecord(review)) return undefined;
  const { environments: _, ...top } = content;
  const env = { ...(isRecord(top.env) ? top.env : {}), ...(isRecord(review.env) ? review.env : {}) };
  return { ...top, ...review, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

// What the plugins name their variable by themselves.
const defaultAliases = new Set(['DATABASE', 'REDIS', 'MONGO']);

function toServiceEntry(addon: string | Addon): ServiceEntry[] {
  const { plan, as } = typeof addon === 'string' ? { plan: addon, as: undefined } : addon;
  if (typeof plan !== 'string' || plan === '') return [];
  const type = resolvePlugin(plan);
  return [as === undefined || defaultAliases.has(as) ? type : { type, as }];
}

/** Heroku's add-ons by their names, and the Dokku plugin that takes their place. */
const addonPlugins: Readonly<Record<string, string>> = {
  postgresql: 'postgres',
  jawsdb: 'mysql',
  'jawsdb-maria': 'mariadb',
  cleardb: 'mysql',
  mongolab: 'mongo',
  mongohq: 'mongo',
  rediscloud: 'redis',
  redistogo: 'redis',
  memcachier: 'memcached',
  memcachedcloud: 'memcached',
};

/** `heroku-postgresql:mini` → `postgres`, `dokku-mysql` → `mysql`. */
function resolvePlugin(plan: string): string {
  const name = (plan.split(':')[0] ?? '').replace(/^(dokku|heroku)-/, '');
  return addonPlugins[name] ?? name;
}
