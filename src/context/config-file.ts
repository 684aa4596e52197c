import { isScalar, visit } from 'yaml';
import type { z } from 'zod';
import { findNearest, type Problem } from '../problems.ts';
import { describeIssue } from './describe-issue.ts';
import { type Configuration, configurationSchema } from './schema.ts';
import { findKeyOffset, findNode, formatPosition, readYaml, type YamlDocument } from './yaml-document.ts';

/**
 * Reads `.dokku-deploy.yml`. Returns the configuration, or every problem with its line and column, and the configuration that
 * the rest of the file makes: with it, what is wrong elsewhere can be found at the same time.
 */
export async function readConfigFile(file: {
  readonly path: string;
  readonly text: string;
}): Promise<{ readonly configuration: Configuration; readonly problems: readonly Problem[] }> {
  const read = readYaml(file);
  if ('problems' in read) return { configuration: {}, problems: read.problems };
  const forbidden = findForbiddenKeys(read.yaml);
  if (forbidden.length > 0) return { configuration: {}, problems: forbidden };
  const checked = configurationSchema.safeParse(read.value ?? {}, { error: describeIssue });
  if (checked.success) return { configuration: checked.data, problems: [] };
  return {
    configuration: parseRest(read.value, checked.error.issues),
    problems: checked.error.issues.flatMap(flattenIssue).flatMap((issue) => toProblems(read.yaml, issue)),
  };
}

/** Returns the configuration without the keys that have issues. */
function parseRest(value: unknown, issues: readonly z.core.$ZodIssue[]): Configuration {
  const rest = structuredClone(value);
  for (const issue of issues) {
    const keys =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of keys) removeKey(rest, path);
  }
  return configurationSchema.safeParse(rest).data ?? {};
}

/** Removes what is at a path. An entry of a list is removed with its list, and a missing key with the object that lacks it. */
function removeKey(root: unknown, path: readonly PropertyKey[]): void {
  const index = path.findIndex((key) => typeof key === 'number');
  const keys = index === -1 ? path : path.slice(0, index);
  let holder = root;
  for (const [depth, key] of keys.entries()) {
    const found = readKey(holder, key);
    const isLast = depth === keys.length - 1 || readKey(found, keys[depth + 1] ?? '') === undefined;
    if (isLast) return void dropKey(holder, key, keys);
    holder = found;
  }
}

/** An environment stays declared without its block. */
function dropKey(holder: unknown, key: PropertyKey, path: readonly PropertyKey[]): boolean {
  return path[0] === 'environments' && path.length === 2
    ? Reflect.set(Object(holder), key, {})
    : Reflect.deleteProperty(Object(holder), key);
}

function readKey(holder: unknown, key: PropertyKey): unknown {
  return new Map<PropertyKey, unknown>(Object.entries(Object(holder))).get(key);
}

/** The schema's reader drops the key `__proto__` without a word. */
function findForbiddenKeys(yaml: YamlDocument): Problem[] {
  const problems: Problem[] = [];
  visit(yaml.document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      const where = formatPosition(yaml, key.range?.[0]);
      problems.push({ where, message: '__proto__ cannot be used as a key', remedy: 'Rename it.' });
    },
  });
  return problems;
}

/** Replaces the issue of a union by those of the alternative that fits best. */
function flattenIssue(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branch = issue.errors.find((issues) =>
    issues.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'),
  );
  if (!branch) return [issue];
  return branch.flatMap((one) =>
    flattenIssue({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue),
  );
}

function toProblems(yaml: YamlDocument, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeyProblems(yaml, issue);
  const node = findNode(yaml, issue.path);
  const name = issue.path.join('.') || 'the file';
  const where = formatPosition(yaml, node?.range?.[0]);
  if (issue.code === 'invalid_value' && isScalar(node))
    return [{ where, ...unknownValueProblem(issue, name, node.value) }];
  return [
    {
      where,
      message: `${name}: ${issue.message}`,
      remedy: 'See docs/configuration.md, or dokku-deploy schema.',
    },
  ];
}

function unknownKeyProblems(
  yaml: YamlDocument,
  issue: z.core.$ZodIssue & { code: 'unrecognized_keys' },
): Problem[] {
  return issue.keys.map((key) => {
    const known = listKnownKeys(issue.path);
    const near = findNearest(key, known);
    return {
      where: formatPosition(yaml, findKeyOffset(yaml, issue.path, key)),
      message: `${[...issue.path, key].join('.')} is not a known key`,
      remedy: near ? `Did you mean ${near}?` : `Known keys: ${known.join(', ')}.`,
    };
  });
}

/** Returns the keys that the schema allows at a path. */
function listKnownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configurationSchema;
  for (const key of path) {
    const inner = unwrapSchema(schema);
    if ('shape' in inner) schema = new Map(Object.entries(inner.shape as object)).get(String(key));
    else if ('valueType' in inner) schema = inner.valueType;
    else if ('element' in inner) schema = inner.element;
    else return [];
  }
  const found = unwrapSchema(schema);
  return 'shape' in found ? Object.keys(found.shape as object) : [];
}

function unwrapSchema(schema: unknown): Record<string, unknown> {
  let inner = schema as {
    def?: { type?: string; innerType?: unknown; options?: unknown[]; shape?: unknown };
  };
  while (inner?.def?.type === 'optional') inner = inner.def.innerType as typeof inner;
  if (inner?.def?.type === 'union') {
    inner = (inner.def.options ?? []).find(
      (one) => (one as typeof inner).def?.type === 'object',
    ) as typeof inner;
  }
  return (inner?.def ?? {}) as Record<string, unknown>;
}

/** Describes a value that isn't one of the allowed ones. */
function unknownValueProblem(
  issue: z.core.$ZodIssueInvalidValue,
  name: string,
  value: unknown,
): Pick<Problem, 'message' | 'remedy'> {
  const near = findNearest(String(value), issue.values.map(String));
  const shown = JSON.stringify(typeof value === 'number' ? String(value) : value);
  return {
    message: `${name}: ${shown} is not known`,
    remedy: `${near ? `Did you mean ${near}? ` : ''}Allowed: ${issue.values.join(', ')}.`,
  };
}
