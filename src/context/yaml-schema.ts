import { isScalar, visit } from 'yaml';
import type { z } from 'zod';
import { findNearest, type Problem } from '../problems.ts';
import { describeIssue } from './describe-issue.ts';
import { findKeyOffset, findNode, formatPosition, readYaml, type YamlDocument } from './yaml-document.ts';

/**
 * A YAML file that fits its schema, with what is needed to find the position of a value; or all problems with it. `unfit` is the value of
 * valid YAML that does not fit.
 */
export type CheckedYaml<Value> =
  | { readonly yaml: YamlDocument; readonly value: Value }
  | {
      readonly problems: readonly Problem[];
      readonly unfit?: { readonly value: unknown; readonly issues: readonly z.core.$ZodIssue[] };
    };

/**
 * Reads a YAML file and checks it against a schema; an empty file counts as an empty object. Problems have their line and column;
 * `remedy` is what to do about a value that the schema does not allow.
 */
export function readYamlAs<Value>(
  file: { readonly path: string; readonly text: string },
  schema: z.ZodType<Value>,
  remedy: string,
): CheckedYaml<Value> {
  const read = readYaml(file);
  if ('problems' in read) return read;
  const forbidden = findForbiddenKeys(read.yaml);
  if (forbidden.length > 0) return { problems: forbidden };
  const checked = schema.safeParse(read.value ?? {}, { error: describeIssue });
  if (checked.success) return { yaml: read.yaml, value: checked.data };
  const source = { yaml: read.yaml, schema, remedy };
  const { issues } = checked.error;
  return {
    problems: issues.flatMap(flattenIssue).flatMap((issue) => toProblems(source, issue)),
    unfit: { value: read.value, issues },
  };
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
  const branch = findBestBranch(issue.errors);
  if (!branch) return [issue];
  return branch.flatMap((one) =>
    flattenIssue({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue),
  );
}

type Issues = readonly z.core.$ZodIssue[];

/** Returns the issues of the alternative that knows most of the keys, then of the one with the fewest; undefined if no one is closer. */
function findBestBranch(branches: readonly Issues[]): Issues | undefined {
  const objects = branches
    .filter((issues) => issues.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'))
    .toSorted((one, other) => countUnknown(one) - countUnknown(other) || one.length - other.length);
  const [best, second] = objects;
  if (best === undefined || second === undefined) return best;
  const isTie = countUnknown(best) > 0 && countUnknown(best) === countUnknown(second);
  return isTie ? undefined : best;
}

function countUnknown(issues: Issues): number {
  return issues.flatMap((one) => (one.code === 'unrecognized_keys' ? one.keys : [])).length;
}

interface IssueSource {
  readonly yaml: YamlDocument;
  readonly schema: z.ZodType;
  readonly remedy: string;
}

function toProblems({ yaml, schema, remedy }: IssueSource, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeyProblems(yaml, schema, issue);
  const node = findNode(yaml, issue.path);
  const name = issue.path.join('.') || 'the file';
  const where = formatPosition(yaml, node?.range?.[0]);
  if (issue.code === 'invalid_value' && isScalar(node))
    return [{ where, ...unknownValueProblem(issue, name, node.value) }];
  return [{ where, message: `${name}: ${issue.message}`, remedy }];
}

function unknownKeyProblems(
  yaml: YamlDocument,
  schema: z.ZodType,
  issue: z.core.$ZodIssue & { code: 'unrecognized_keys' },
): Problem[] {
  return issue.keys.map((key) => {
    const known = listKnownKeys(schema, issue.path);
    const near = findNearest(key, known);
    return {
      where: formatPosition(yaml, findKeyOffset(yaml, issue.path, key)),
      message: `${[...issue.path, key].join('.')} is not a known key`,
      remedy: near ? `Did you mean ${near}?` : `Known keys: ${known.join(', ')}.`,
    };
  });
}

/** Returns the keys that the schema allows at a path: those of all objects that may be there. */
function listKnownKeys(root: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schemas = unwrapSchema(root);
  for (const key of path)
    schemas = schemas.flatMap((schema) => innerSchemas(schema, String(key)).flatMap(unwrapSchema));
  return [...new Set(schemas.flatMap(({ shape }) => Object.keys(shape ?? {})))];
}

/** The part of a schema's definition that leads to other ones. */
interface Definition {
  readonly type?: string;
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
  readonly element?: unknown;
}

/** Returns the definition of a schema, or those of its alternatives. */
function unwrapSchema(schema: unknown): Definition[] {
  const { def = {} } = schema as { readonly def?: Definition };
  if (def.type === 'optional') return unwrapSchema(def.innerType);
  return def.type === 'union' ? (def.options ?? []).flatMap(unwrapSchema) : [def];
}

function innerSchemas({ shape = {}, valueType, element }: Definition, key: string): unknown[] {
  const inner = Object.hasOwn(shape, key) ? shape[key] : (valueType ?? element);
  return inner === undefined ? [] : [inner];
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
