import type { Node, ParseError } from 'jsonc-parser';
import type { Problem } from '../problems.ts';

/** A parsed file, with what is needed to find the position of a value. */
export interface JsonDocument {
  readonly path: string;
  readonly value: unknown;
  /** Returns `PATH:LINE:COLUMN` of the value at these keys, or of the nearest one above it. */
  readonly positionOf: (...keys: readonly (string | number)[]) => string;
}

// Far more than any app.json needs, and far less than what exhausts the stack of a parser.
const maxDepth = 100;

/**
 * Parses JSON with comments and trailing commas, as Dokku accepts them in app.json. Objects have only the file's own
 * keys. Returns a problem for text that isn't JSON.
 */
export async function parseJson(path: string, text: string): Promise<JsonDocument | Problem> {
  const { findNodeAtLocation, parseTree, printParseErrorCode } = await import('jsonc-parser');
  const toProblem = (reason: string, offset: number): Problem => ({
    where: `${path}:${formatOffset(text, offset)}`,
    message: `not valid JSON: ${reason}`,
    remedy: 'Fix the file: Dokku would refuse to deploy it.',
  });
  const tooDeep = findTooDeep(text);
  if (tooDeep !== undefined) return toProblem(`nested more than ${maxDepth} levels deep`, tooDeep);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error || !root) {
    return toProblem(error ? printParseErrorCode(error.error) : 'the file is empty', error?.offset ?? 0);
  }
  const positionOf = (...keys: readonly (string | number)[]): string => {
    for (let length = keys.length; length > 0; length -= 1) {
      const node = findNodeAtLocation(root, keys.slice(0, length));
      if (node) return `${path}:${formatOffset(text, node.offset)}`;
    }
    return `${path}:${formatOffset(text, root.offset)}`;
  };
  return { path, value: toValue(root), positionOf };
}

// Strings, comments and brackets. An unclosed string or comment ends with the text, so that no text is scanned twice.
const jsonTokens = /"(?:[^"\\\n]|\\.)*"?|\/\/.*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|[[\]{}]/g;

/** Returns the offset of the first bracket that is nested too deep. */
function findTooDeep(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(jsonTokens)) {
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    if (depth > maxDepth) return index;
  }
  return undefined;
}

function formatOffset(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

// Object.fromEntries makes an own key of `__proto__`, which an assignment would not.
function toValue(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(toValue);
  if (node.type !== 'object') return node.value;
  return Object.fromEntries(
    (node.children ?? []).map(({ children: [key, value] = [] }) => [
      key?.value,
      value ? toValue(value) : undefined,
    ]),
  );
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
