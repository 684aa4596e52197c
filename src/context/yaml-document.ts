import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from 'yaml';

/** A parsed YAML file, with what is needed to find the position of a value. */
export interface YamlDocument {
  readonly path: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * Parses a YAML file. A number in its plain form (`3`, `18.4`) is a number; any other (`007`, `1.0`, `1e5`) stays text.
 * So `String` of either is what the file has, and `z.number()` can match.
 */
export function parseYaml({ path, text }: { readonly path: string; readonly text: string }): YamlDocument {
  const lines = new LineCounter();
  const options = { lineCounter: lines, merge: true, prettyErrors: false, customTags: keepWrittenNumbers };
  return { path, document: parseDocument(text, options), lines };
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
