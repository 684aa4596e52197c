/** A text of at most so many characters, an ellipsis at the end of one that was cut. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The last lines that fit into so many characters: where something fails, the end says why. An ellipsis stands for those before. */
export function keepLastLines(lines: readonly string[], length: number): readonly string[] {
  let left = length - '…\n'.length;
  const first = lines.findLastIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return first === -1 ? lines : ['…', ...lines.slice(first + 1)];
}

/** A text as code in Markdown, whatever it holds (CommonMark, code spans). */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const fence = '`'.repeat(longestBacktickRun(line) + 1);
  const gap = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** The longest run of backticks in a text. */
function longestBacktickRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Lines as a block of code in Markdown, whatever they hold. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestBacktickRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

/** A link in Markdown; what would end its address is written as %XX. `text` is Markdown already. */
export function markdownLink(url: string, text: string): string {
  const target = url.replace(
    /[()\s<>]/g,
    (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
  return `[${text}](${target})`;
}

/** A text of one line in Markdown that formats nothing and, with a character of no width behind each @, calls nobody. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replaceAll('@', '@\u200b');
}
