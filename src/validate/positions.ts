import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { expandVariables } from '../context/expansion.ts';
import { parseJson } from '../context/json-document.ts';
import { readYaml, type YamlDocument } from '../context/yaml-document.ts';
import type { TextFile } from '../environment/job-input.ts';

/** A place in a file. Line and column are undefined if only the file is known. */
export interface Place {
  readonly path: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** What the place is called, if it is not in a file. */
  readonly about: string | undefined;
  /** The variables that the values there refer to. */
  readonly variables: ReadonlySet<string>;
}

/** Finds the places of problems. `block` is the path of the keys that are checked: `review`, or an environment's. */
export type Locate = (where: string, block: readonly string[]) => Place;

/** The files in which places are looked up. */
export interface LocatedFiles {
  readonly configuration: TextFile | undefined;
  readonly appFiles: readonly TextFile[];
}

/** Returns how to find the place that a problem names: `file:line:column`, or `file: key.key`, or anything else. */
export async function createLocate({ configuration, appFiles }: LocatedFiles): Promise<Locate> {
  const read = configuration && readYaml(configuration);
  const yaml = read && 'yaml' in read ? read.yaml : undefined;
  const parsed = await Promise.all(appFiles.map(({ path, text }) => parseJson(path, text)));
  const documents = new Map(parsed.flatMap((one) => ('value' in one ? [[one.path, one]] : [])));
  return (where, block) => {
    const [, path = '', key] =
      /^([^:]+): (.+)$/.exec(where === 'app name' ? `${configuration?.path}: app` : where) ?? [];
    const keys = key?.split('.') ?? [];
    const json = documents.get(path);
    if (json) return { ...readPlace(json.positionOf(...keys)), about: key };
    if (path !== configuration?.path) return readPlace(where);
    const found = yaml && findPlace(yaml, keys, block);
    return { ...(found ?? { ...nowhere, path }), about: key };
  };
}

const nowhere: Place = {
  path: undefined,
  line: undefined,
  column: undefined,
  about: undefined,
  variables: new Set(),
};

/** Reads `file:line:column`, or the name of a file; anything else is no place in a file. */
function readPlace(where: string): Place {
  const [, path, line, column] = /^(.+?):(\d+):(\d+)$/.exec(where) ?? [];
  if (path !== undefined) return { ...nowhere, path, line: Number(line), column: Number(column) };
  return /(\.(ya?ml|json)|(^|\/)Procfile)$/.test(where)
    ? { ...nowhere, path: where }
    : { ...nowhere, about: where };
}

/** Finds the keys in the block or at the top level of the file: where more of them exist. */
function findPlace(yaml: YamlDocument, keys: readonly string[], block: readonly string[]): Place | undefined {
  const contents = yaml.document.contents ?? undefined;
  const own = block.reduce<Node | undefined>((node, key) => findChild(node, [key])?.node, contents);
  const inBlock = block[0] === 'review' && keys[0] === 'app' ? ['name'] : keys;
  const candidates = [findDeepest(own, inBlock), findDeepest(contents, keys)].filter(
    (one) => one !== undefined,
  );
  const [found] = candidates.sort((a, b) => b.length - a.length);
  if (!found) return undefined;
  const { node, key } = found;
  // A list or an object is named by its key.
  const offset = (isScalar(node) ? node : (key ?? node)).range?.[0] ?? 0;
  const { line, col } = yaml.lines.linePos(offset);
  const texts = listTexts(node.toJS(yaml.document));
  const variables = new Set(texts.flatMap((text) => expandVariables(text, {}).missing));
  return { path: yaml.path, line, column: col, about: undefined, variables };
}

/** Returns what is at these keys, or the nearest above it; undefined if the node does not even have the first key. */
function findDeepest(node: Node | undefined, keys: readonly string[]): Child | undefined {
  const child = keys.length > 0 ? findChild(node, keys) : undefined;
  if (!child) return undefined;
  const below = findDeepest(child.node, keys.slice(child.length));
  return below ? { ...below, length: child.length + below.length } : child;
}

interface Child {
  readonly node: Node;
  /** The key in front of it; undefined in a list. */
  readonly key: Node | undefined;
  /** How many of the keys it is at: a key of the file may contain dots. */
  readonly length: number;
}

function findChild(node: Node | undefined, keys: readonly string[]): Child | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(keys[0])] as Node | undefined;
    return item && { node: item, key: undefined, length: 1 };
  }
  if (!isMap(node)) return undefined;
  const pairs = node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const length = name === keys[0] ? 1 : name.split('.').length;
    const isHere = name === keys.slice(0, length).join('.');
    return isHere && value ? [{ node: value as Node, key: key as Node, length }] : [];
  });
  return pairs.sort((a, b) => b.length - a.length)[0];
}

// No valid value is nested deeper; a broken one may contain itself.
const maxDepth = 20;

/** Lists the texts in a value of the file. */
export function listTexts(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > maxDepth) return [];
  return Object.values(value).flatMap((item) => listTexts(item, depth + 1));
}
