/** A text with its variables replaced. */
export interface Expansion {
  readonly value: string;
  /** Names that the job has no variable for; their references are left as they are. */
  readonly missing: readonly string[];
  /** Names that were replaced. */
  readonly used: readonly string[];
  /** References of a shell that are not supported, such as `${NAME:+x}`. */
  readonly unsupported: readonly string[];
}

/** Variables by name; only own keys count. */
export type TemplateEnv = Readonly<Record<string, string | undefined>>;

/**
 * Expands `$NAME` and `${NAME}` in a text, and the defaults of POSIX shells: `${NAME-default}` for a variable that is not
 * set, `${NAME:-default}` for one that is empty too. A default may contain variables. `$$` is a dollar sign; any other
 * `$` stays.
 */
export function expandVariables(text: string, env: TemplateEnv): Expansion {
  const names = { missing: new Set<string>(), used: new Set<string>(), unsupported: new Set<string>() };
  const value = expand(text, env, names);
  return { value, missing: [...names.missing], used: [...names.used], unsupported: [...names.unsupported] };
}

/** Returns a variable's value: own keys only, since every object inherits a `toString`. */
export function lookUp(env: TemplateEnv, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

interface Names {
  readonly missing: Set<string>;
  readonly used: Set<string>;
  readonly unsupported: Set<string>;
}

// A default in a default in a default … More is a mistake, and would exhaust the stack.
const maxDepth = 10;

function expand(text: string, env: TemplateEnv, names: Names, depth = 0): string {
  const closing = matchBraces(text);
  let value = '';
  let position = 0;
  for (let start = text.indexOf('$'); start !== -1; start = text.indexOf('$', position)) {
    const reference = readReference(text, start, closing);
    value += text.slice(position, start) + resolve(reference, env, names, depth);
    position = start + reference.text.length;
  }
  return value + text.slice(position);
}

/** Returns the position of the brace that closes each `${`: a default may contain other references. */
function matchBraces(text: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (const { 0: token, index } of text.matchAll(/\$\{|\}/g)) {
    const start = token === '}' ? open.pop() : undefined;
    if (token !== '}') open.push(index);
    else if (start !== undefined) closing.set(start, index);
  }
  return closing;
}

/** What begins at a `$`. */
interface Reference {
  /** As written. */
  readonly text: string;
  /** Undefined for a `$` without a name. */
  readonly name?: string;
  /** What follows the name between the braces. */
  readonly rest?: string;
}

const plainName = /\$([A-Za-z_]\w*)/y;
const bracedName = /\$\{([A-Za-z_]\w*)/y;

function readReference(text: string, start: number, closing: ReadonlyMap<number, number>): Reference {
  if (text[start + 1] === '$') return { text: '$$' };
  const plain = matchAt(plainName, text, start);
  if (plain) return { text: plain[0], name: plain[1] ?? '' };
  const braced = matchAt(bracedName, text, start);
  const end = closing.get(start);
  if (!braced || end === undefined) return { text: '$' };
  const rest = text.slice(start + braced[0].length, end);
  if (rest !== '' && !defaultOperator.test(rest) && !otherOperator.test(rest)) return { text: '$' };
  return { text: text.slice(start, end + 1), name: braced[1] ?? '', rest };
}

function matchAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(text);
}

const defaultOperator = /^(:?-)(.*)$/s;

// The operators of shells that are not defaults: ${NAME:+x}, ${NAME:?x}, ${NAME:=x}, ${NAME%x}, ${NAME#x}, ${NAME/x/y} …
const otherOperator = /^(?::?[+?=]|:?[%#/^,@]|:\d)/;

function resolve(reference: Reference, env: TemplateEnv, names: Names, depth: number): string {
  const { text, name, rest = '' } = reference;
  if (name === undefined) return '$';
  const [, operator, fallback] = defaultOperator.exec(rest) ?? [];
  if (operator === undefined ? rest !== '' : depth === maxDepth) {
    names.unsupported.add(text);
    return text;
  }
  const found = lookUp(env, name);
  if (found !== undefined && !(operator === ':-' && found === '')) {
    names.used.add(name);
    return found;
  }
  if (fallback !== undefined) return expand(fallback, env, names, depth + 1);
  names.missing.add(name);
  return text;
}
