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
  const branch = issue.errors.find((issues) =>
    issues.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'),
  );
  if (!branch) return [issue];
  return branch.flatMap((one) =>
    flattenIssue({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue),
  );
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

/** Returns the keys that the schema allows at a path. */
function listKnownKeys(root: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schema: unknown = root;
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
