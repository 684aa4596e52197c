/** Cuts a text to at most so many characters, with an ellipsis at the end. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Returns the last lines that fit into so many characters, after an ellipsis if any are left out: the end shows why something failed. */
export function keepLastLines(lines: readonly string[], length: number): readonly string[] {
  let left = length - '…\n'.length;
  const first = lines.findLastIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return first === -1 ? lines : ['…', ...lines.slice(first + 1)];
}

/** Formats any text as code in Markdown (CommonMark, code spans). */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const fence = '`'.repeat(longestBacktickRun(line) + 1);
  const gap = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${gap}${line}${gap}${fence}`;
}

/** Returns the length of the longest run of backticks in a text. */
function longestBacktickRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** Formats any lines as a code block in Markdown. */
export function codeBlock(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestBacktickRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

/** Formats a link in Markdown. Characters that would end the URL are percent-encoded. `text` is already Markdown. */
export function markdownLink(url: string, text: string): string {
  const target = url.replace(
    /[()\s<>]/g,
    (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
  return `[${text}](${target})`;
}

/** Escapes a text as one line of Markdown. A zero-width space after each @ keeps it from mentioning anyone. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')
    .replaceAll('@', '@\u200b');
}
