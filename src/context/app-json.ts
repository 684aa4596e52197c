import type { ParseError } from 'jsonc-parser';
import type { Problem } from '../problems.ts';
import type { ServiceEntry } from './schema.ts';

/** What this tool reads from app.json; Dokku reads the rest. */
export interface AppJson {
  /** The services that `addons` lists. */
  readonly services: readonly ServiceEntry[];
  /** The file with `environments.review` merged into it; undefined without that block, which Dokku doesn't know. */
  readonly reviewText: string | undefined;
}

/**
 * Converts an app.yml, which Dokku never reads, to the text of an app.json. Returns text that isn't valid YAML
 * unchanged, so that `readAppJson` reports the error.
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
 * Reads app.json, with comments and trailing commas as Dokku accepts them. With `review`, `environments.review` is
 * merged in. A file that can't be read is a problem with its line and column.
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
    const reason = error ? printParseErrorCode(error.error) : 'not an object';
    const where = `${path}:${formatPosition(text, error?.offset ?? 0)}`;
    const remedy = 'Fix the file: Dokku would refuse to deploy it.';
    return {
      services: [],
      reviewText: undefined,
      problems: [{ where, message: `not valid JSON: ${reason}`, remedy }],
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

/** Merges as Heroku does: an environment's keys replace those of the top level; `env` is merged key by key. */
function mergeReview(content: AppJsonContent): AppJsonContent | undefined {
  const review = content.environments?.review;
  if (!isRecord(review)) return undefined;
  const { environments: _, ...top } = content;
  const env = { ...(isRecord(top.env) ? top.env : {}), ...(isRecord(review.env) ? review.env : {}) };
  return { ...top, ...review, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

// The aliases that the plugins use by default.
const defaultAliases = new Set(['DATABASE', 'REDIS', 'MONGO']);

function toServiceEntry(addon: string | Addon): ServiceEntry[] {
  const { plan, as } = typeof addon === 'string' ? { plan: addon, as: undefined } : addon;
  if (typeof plan !== 'string' || plan === '') return [];
  const type = resolvePlugin(plan);
  return [as === undefined || defaultAliases.has(as) ? type : { type, as }];
}

/** The Dokku plugin for each of Heroku's add-ons whose name differs. */
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
