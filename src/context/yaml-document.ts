import {
  type Alias,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type ScalarTag,
  type Tags,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../problems.ts';

/** A parsed YAML file, with what is needed to find the position of a value. */
export interface YamlDocument {
  readonly path: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** A YAML file as a value, or everything that keeps it from being one. */
export type YamlResult =
  | { readonly yaml: YamlDocument; readonly value: unknown }
  | { readonly problems: readonly Problem[] };

/**
 * Reads a YAML file. A number in its plain form (`3`, `18.4`) is a number; any other (`007`, `1.0`, `1e5`) stays text.
 * So `String` of either is what the file has, and `z.number()` can match. Returns problems with their positions for text
 * that isn't valid YAML, and for valid YAML that makes no value: unknown aliases, and aliases that make a huge one.
 */
export function readYaml({ path, text }: { readonly path: string; readonly text: string }): YamlResult {
  try {
    const yaml = parseYaml(path, text);
    const { errors } = yaml.document;
    return errors.length > 0
      ? { problems: errors.slice(0, maxErrors).map((error) => toProblem(yaml, error.pos[0], error.message)) }
      : toValue(yaml);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problems: [{ where: path, message: `not valid YAML: ${tooDeep}`, remedy: yamlRemedy }] };
  }
}

// The first error often causes all the others.
const maxErrors = 5;

// The parser has no limit for nested collections: it exhausts the stack, and throws or reports that.
const tooDeep = 'nested too deep';

const yamlRemedy = 'Fix the line; an editor with YAML support marks it.';

function toProblem(yaml: YamlDocument, offset: number | undefined, message: string): Problem {
  const reason = /call stack/.test(message) ? tooDeep : message.replace(/; please use .*/, '');
  return { where: formatPosition(yaml, offset), message: `not valid YAML: ${reason}`, remedy: yamlRemedy };
}

/** Parses a YAML file, whether or not it is valid. */
export function parseYaml(path: string, text: string): YamlDocument {
  const lines = new LineCounter();
  const options = { lineCounter: lines, merge: true, prettyErrors: false, customTags: keepWrittenNumbers };
  return { path, document: parseDocument(text, options), lines };
}

/** The parser throws for an alias without an anchor, for a merge of something else than a map, and for alias bombs. */
function toValue(yaml: YamlDocument): YamlResult {
  try {
    return { yaml, value: yaml.document.toJS() };
  } catch (error) {
    if (!(error instanceof Error) || error instanceof RangeError) throw error;
    return { problems: [toProblem(yaml, findCulprit(yaml, error.message), error.message)] };
  }
}

/** Returns the offset of the alias that an error names, else of the first alias or merge key. */
function findCulprit({ document }: YamlDocument, message: string): number | undefined {
  const aliases: Alias[] = [];
  const merges: Scalar[] = [];
  visit(document, {
    Alias: (_, alias) => void aliases.push(alias),
    Scalar: (key, scalar) => void (key === 'key' && scalar.source === '<<' && merges.push(scalar)),
  });
  const found = aliases.find(({ source }) => message.endsWith(`: ${source}`)) ?? aliases[0] ?? merges[0];
  return found?.range?.[0];
}

function keepWrittenNumbers(tags: Tags): Tags {
  return tags.map((tag) => (isNumberTag(tag) ? { ...tag, resolve: resolveWritten(tag) } : tag));
}

function isNumberTag(tag: Tags[number]): tag is ScalarTag {
  return typeof tag !== 'string' && /:(int|float)$/.test(tag.tag);
}

function resolveWritten(tag: ScalarTag): ScalarTag['resolve'] {
  return (text, ...rest) => {
    const value = tag.resolve(text, ...rest);
    return String(isScalar(value) ? value.value : value) === text ? value : text;
  };
}

/** Returns `PATH:LINE:COLUMN` for an offset; the path alone without one. */
export function formatPosition({ path, lines }: YamlDocument, offset: number | undefined): string {
  if (offset === undefined) return path;
  const { line, col } = lines.linePos(offset);
  return `${path}:${line}:${col}`;
}

/** Returns the node at a path of keys, or the nearest one above it that the file has. */
export function findNode({ document }: YamlDocument, keys: readonly PropertyKey[]): Node | undefined {
  let found: Node | undefined = document.contents ?? undefined;
  for (const key of keys) {
    const child = findChild(found, key);
    if (!child) return found;
    found = child;
  }
  return found;
}

function findChild(node: Node | undefined, key: PropertyKey): Node | undefined {
  if (isMap(node)) return findPair(node, key)?.value as Node | undefined;
  return isSeq(node) ? (node.items[Number(key)] as Node | undefined) : undefined;
}

function findPair(map: YAMLMap, key: PropertyKey): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
}

/** Returns the offset of a key in the map at a path. */
export function findKeyOffset(
  { document }: YamlDocument,
  path: readonly PropertyKey[],
  key: string,
): number | undefined {
  const map = path.reduce<Node | undefined>(findChild, document.contents ?? undefined);
  return isMap(map) ? (findPair(map, key)?.key as Node | undefined)?.range?.[0] : undefined;
}
