/**
 * Returns a function that checks whether a path matches one of the patterns, which mean what they mean in .gitignore: one
 * without a slash matches in every folder, `*` and `?` match no slash, `**` matches any folders, and the pattern of a folder
 * matches all files in it. A slash at the start is optional; one at the end matches folders only.
 */
export function createExclusion(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const expressions = patterns.map(toExpression);
  return (path) => expressions.some((expression) => expression.test(path));
}

function toExpression(pattern: string): RegExp {
  const isFolder = pattern.endsWith('/');
  const body = pattern.replace(/^\/|\/$/g, '');
  const start = pattern.replace(/\/$/, '').includes('/') ? '' : '(?:.*/)?';
  return new RegExp(`^${start}${translate(body)}${isFolder ? '/' : '(?:/|$)'}`, 's');
}

/** Translates the wildcards. Runs of stars are one, so that matching takes no exponential time. */
function translate(body: string): string {
  return body.replace(/\*\*+\/|\*+|\?|[\\^$.+()[\]{}|]/g, (token) => {
    if (token.endsWith('/')) return '(?:.*/)?';
    if (token === '?') return '[^/]';
    if (token.startsWith('**')) return '.*';
    return token === '*' ? '[^/]*' : `\\${token}`;
  });
}
