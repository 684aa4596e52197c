import type { LineCounter, Node, Scalar } from 'yaml';
import { isMap, isScalar } from 'yaml';
import type { z } from 'zod';
import { nearest, type Problem } from '../problems.ts';
import { type Configuration, configurationSchema } from './schema.ts';

type Parsed = ReturnType<typeof import('yaml').parseDocument>;

interface Located {
  readonly path: string;
  readonly document: Parsed;
  readonly lines: LineCounter;
}

const at = ({ path, lines }: Located, offset: number | undefined): string => {
  if (offset === undefined) return path;
  const { line, col } = lines.linePos(offset);
  return `${path}:${line}:${col}`;
};

const valueAt = ({ document }: Located, keys: readonly PropertyKey[]): Node | undefined => {
  for (let length = keys.length; length >= 0; length -= 1) {
    const node = document.getIn(keys.slice(0, length), true);
    if (node) return node as Node;
  }
  return undefined;
};

const keyOffset = (located: Located, path: readonly PropertyKey[], key: string): number | undefined => {
  const map = path.length === 0 ? located.document.contents : located.document.getIn(path, true);
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
};

/** The keys that the schema knows at a path, for the nearest name. */
const knownKeys = (path: readonly PropertyKey[]): string[] => {
  let schema: unknown = configurationSchema;
  for (const key of path) {
    const inner = unwrap(schema);
    if ('shape' in inner) schema = (inner.shape as Record<PropertyKey, unknown>)[key];
    else if ('valueType' in inner) schema = inner.valueType;
    else if ('element' in inner) schema = inner.element;
    else return [];
  }
  const found = unwrap(schema);
  return 'shape' in found ? Object.keys(found.shape as object) : [];
};

const unwrap = (schema: unknown): Record<string, unknown> => {
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
};

const unknownKeys = (located: Located, issue: z.core.$ZodIssue & { code: 'unrecognized_keys' }): Problem[] =>
  issue.keys.map((key) => {
    const known = knownKeys(issue.path);
    const near = nearest(key, known);
    return {
      where: at(located, keyOffset(located, issue.path, key)),
      message: `${[...issue.path, key].join('.')} is not a known key`,
      remedy: near ? `Did you mean ${near}?` : `Known here: ${known.join(', ')}.`,
    };
  });

/** Of a union's branches, the one that fits best tells what is wrong. */
const flatten = (issue: z.core.$ZodIssue): z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue];
  const branch = issue.errors.find((issues) =>
    issues.some((one) => one.path.length > 0 || one.code === 'unrecognized_keys'),
  );
  if (!branch) return [issue];
  return branch.flatMap((one) => flatten({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue));
};

/** A word that is none of those that may stand there. */
const unknownWord = (
  located: Located,
  {
    issue,
    node,
    name,
  }: { readonly issue: z.core.$ZodIssueInvalidValue; readonly node: Scalar; readonly name: string },
): Problem => {
  const near = nearest(String(node.value), issue.values.map(String));
  return {
    where: at(located, node.range?.[0]),
    message: `${name}: ${JSON.stringify(node.value)} is not known`,
    remedy: `${near ? `Did you mean ${near}? ` : ''}It may be ${issue.values.join(', ')}.`,
  };
};

const problemOf = (located: Located, issue: z.core.$ZodIssue): Problem[] => {
  if (issue.code === 'unrecognized_keys') return unknownKeys(located, issue);
  const node = valueAt(located, issue.path);
  const name = issue.path.join('.') || 'the file';
  if (issue.code === 'invalid_value' && isScalar(node)) return [unknownWord(located, { issue, node, name })];
  return [
    {
      where: at(located, node?.range?.[0]),
      message: `${name}: ${issue.message.replace(/^Invalid input: /, '')}`,
      remedy: 'See docs/configuration.md, or dokku-deploy schema.',
    },
  ];
};

/** Reads `.dokku-deploy.yml`: the configuration, or every problem with its line and column. */
export const readConfigFile = async ({
  path,
  text,
}: {
  readonly path: string;
  readonly text: string;
}): Promise<{ readonly configuration: Configuration; readonly problems: readonly Problem[] }> => {
  const { LineCounter: Counter, parseDocument, visit } = await import('yaml');
  const lines = new Counter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const located = { path, document, lines };
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      where: at(located, error.pos[0]),
      message: `it is not valid YAML: ${error.message}`,
      remedy: 'Mend the line; an editor with YAML support shows it.',
    }));
    return { configuration: {}, problems };
  }
  // `007` and `1.0` are meant as they are written, not as the numbers 7 and 1.
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  const content: unknown = document.toJS() ?? {};
  const checked = configurationSchema.safeParse(content);
  if (checked.success) return { configuration: checked.data, problems: [] };
  return {
    configuration: {},
    problems: checked.error.issues.flatMap(flatten).flatMap((issue) => problemOf(located, issue)),
  };
};
