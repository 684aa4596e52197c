import { existsSync, readFileSync } from 'node:fs';
import { type ParseError, parse } from 'jsonc-parser';

/** A health check in app.json. */
export interface Healthcheck {
  readonly type?: string;
  readonly name?: string;
  readonly path?: string;
  /** Times in seconds. */
  readonly timeout?: number;
  readonly wait?: number;
  readonly initialDelay?: number;
  readonly attempts?: number;
  readonly uptime?: number;
  readonly listening?: boolean;
  /** Whether a failure is only a warning. */
  readonly warn?: boolean;
}

/** A scheduled task in app.json. */
export interface CronTask {
  readonly command: string;
  readonly schedule: string;
}

type EnvEntry =
  | string
  | {
      readonly value?: string;
      readonly generator?: string;
      readonly required?: boolean;
      readonly sync?: boolean;
    };

/** The keys of app.json that Dokku uses. */
export interface AppManifest {
  readonly env?: Readonly<Record<string, EnvEntry>>;
  readonly scripts?: {
    readonly postdeploy?: string;
    readonly dokku?: { readonly predeploy?: string; readonly postdeploy?: string };
  };
  /** By process type. */
  readonly healthchecks?: Readonly<Record<string, readonly Healthcheck[]>>;
  readonly formation?: Readonly<Record<string, { readonly quantity?: number }>>;
  readonly cron?: readonly CronTask[];
  readonly buildpacks?: readonly { readonly url: string }[];
}

/**
 * Reads an app.json, which may contain comments and trailing commas; a missing or empty one is an empty manifest. Returns
 * an Error with Dokku's text if it cannot be parsed, or if a key does not have the type that Dokku decodes it into.
 */
export function readManifest(file: string): AppManifest | Error {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text.trim() === '') return {};
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error) {
    const before = text.slice(0, error.offset).split('\n');
    const at = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    return new Error(`Cannot parse app.json as jsonc: hujson: ${at}: parsing value: unexpected EOF`);
  }
  const problem = findTypeError(value);
  return problem === undefined
    ? ((value ?? {}) as AppManifest)
    : new Error(`Cannot parse app.json: json: cannot unmarshal ${problem}`);
}

interface GoType {
  /** The kind of JSON value that Go decodes into the type. */
  readonly kind: Kind;
  readonly name: string;
  /** The types of the keys of a struct, or of all elements of a map. */
  readonly keys?: Readonly<Record<string, GoType>>;
  readonly elements?: GoType;
  /** The name of the struct in errors about its keys. */
  readonly struct?: string;
}

type Kind = 'array' | 'object' | 'string' | 'number' | 'bool' | 'null';

const text: GoType = { kind: 'string', name: 'string' };

const scripts: GoType = {
  kind: 'object',
  name: 'struct { Dokku struct { Predeploy string "json:\\"predeploy\\""; Postdeploy string "json:\\"postdeploy\\"" } "json:\\"dokku\\""; Postdeploy string "json:\\"postdeploy\\"" }',
  struct: '',
  keys: {
    dokku: {
      kind: 'object',
      name: 'struct { Predeploy string "json:\\"predeploy\\""; Postdeploy string "json:\\"postdeploy\\"" }',
      struct: '',
      keys: { predeploy: text, postdeploy: text },
    },
    postdeploy: text,
  },
};

// Dokku's `AppJSON` (plugins/app-json/appjson.go), as far as users get it wrong.
const appJson: GoType = {
  kind: 'object',
  name: 'appjson.AppJSON',
  struct: 'AppJSON',
  keys: {
    buildpacks: { kind: 'array', name: '[]appjson.Buildpack' },
    cron: { kind: 'array', name: '[]appjson.CronTask' },
    env: { kind: 'object', name: 'map[string]appjson.EnvVarValue' },
    formation: {
      kind: 'object',
      name: 'map[string]appjson.Formation',
      elements: {
        kind: 'object',
        name: 'appjson.Formation',
        struct: 'Formation',
        keys: { quantity: { kind: 'number', name: 'int' } },
      },
    },
    healthchecks: {
      kind: 'object',
      name: 'map[string][]appjson.Healthcheck',
      elements: { kind: 'array', name: '[]appjson.Healthcheck' },
    },
    scripts,
  },
};

/** Returns Go's description of the first value that does not have the type of its key, if there is one. */
function findTypeError(value: unknown): string | undefined {
  return findErrorAt(value, appJson, { struct: '', path: [] });
}

interface GoField {
  readonly struct: string;
  readonly path: readonly string[];
}

function findErrorAt(value: unknown, type: GoType, field: GoField): string | undefined {
  const kind = kindOf(value);
  if (kind === 'null') return undefined;
  if (kind !== type.kind) {
    const target = field.path.length === 0 ? 'value' : `struct field ${field.struct}.${field.path.join('.')}`;
    return `${kind} into Go ${target} of type ${type.name}`;
  }
  if (kind !== 'object') return undefined;
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    const keyType = type.keys && Object.hasOwn(type.keys, key) ? type.keys[key] : type.elements;
    const isField = type.keys !== undefined;
    const next = isField ? { struct: type.struct ?? '', path: [...field.path, key] } : field;
    const problem = keyType && findErrorAt(item, keyType, next);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'boolean' ? 'bool' : (type as Kind);
}
