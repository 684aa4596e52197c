/** An app's configuration. It is stored as the text of Dokku's ENV file, because Dokku's flaws are in that text. */
export type Env = ReadonlyMap<string, string>;

/** Thrown for a text that cannot be parsed any more: the app's configuration is lost. */
export class UnreadableEnv extends Error {
  override readonly name = 'UnreadableEnv';
}

const integer = /^[+-]?\d{1,18}$/;

/** Formats the file: integers without quotes and normalised, all other values in double quotes. The lines are sorted. */
export function formatEnv(env: Env): string {
  return [...env]
    .map(([key, value]) => `${key}=${integer.test(value) ? BigInt(value) : `"${escapeValue(value)}"`}\n`)
    .sort()
    .join('');
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('"', '\\"')
    .replaceAll('$', '\\$')
    .replaceAll('`', '\\`')
    .replaceAll('!', '\\!');
}

/** Parses the file. Throws UnreadableEnv for a value that ends with a backslash or a double quote. */
export function parseEnv(text: string): Map<string, string> {
  const env = new Map<string, string>();
  for (let rest = text; rest.trim() !== ''; ) {
    const [, key = '', after = ''] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(rest) ?? [];
    if (key === '') throw new UnreadableEnv('unexpected character in variable name');
    if (after.startsWith('"')) {
      const { value, length } = readQuotedValue(after);
      env.set(key, value);
      rest = after.slice(length).replace(/^[^\n]*\n?/, '');
    } else {
      const [line = ''] = after.split('\n');
      env.set(key, line);
      rest = after.slice(line.length).replace(/^\n/, '');
    }
  }
  return env;
}

/** Returns the quoted value at the start of a text, and its length, as Dokku's parser reads it. */
function readQuotedValue(text: string): { value: string; length: number } {
  for (let end = text.indexOf('"', 1); end !== -1; end = text.indexOf('"', end + 1)) {
    // The parser looks back one character only, so an escaped backslash in front of the last quote hides that quote. It
    // also trims every quote at either end, so an escaped quote there leaves its backslash behind.
    if (text[end - 1] !== '\\') {
      return { value: unescapeValue(text.slice(0, end).replace(/^"+|"+$/g, '')), length: end + 1 };
    }
  }
  const [line = ''] = text.split('\n');
  throw new UnreadableEnv(`unterminated quoted value ${line}`);
}

function unescapeValue(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : char));
}
