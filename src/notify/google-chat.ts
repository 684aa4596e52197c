import { buildFields, buildLinks, type Field, formatFailureLines } from './fields.ts';
import { truncate } from './markup.ts';
import type { Message } from './message.ts';

/** Builds the body for an incoming webhook of Google Chat: one text in Chat's own markup (32,000 bytes at most). */
export function buildGoogleChatPayload(message: Message): unknown {
  const mark = message.outcome === 'success' ? '✅' : '❌';
  const asCode = (line: string) => breakTags(line.replaceAll('`', "'"));
  const lines = formatFailureLines(message, { length: 4_000, as: asCode }).join('\n');
  const links = buildLinks(message).map(({ name, url }) => formatLink(url, name));
  const parts = [
    `${mark} *${replaceMarks(message.title)}*`,
    ...buildFields(message).map((field) => `*${field.name}:* ${formatField(field)}`),
    ...(lines === '' ? [] : [`\`\`\`\n${lines}\n\`\`\``]),
    [replaceMarks(message.project), ...links].join(' · '),
  ];
  return { text: parts.join('\n') };
}

// Chat has no escapes. A zero-width space after each < keeps a text from mentioning anyone (<users/all>) and from posing as a link.
function breakTags(text: string): string {
  return text.replaceAll('<', '<\u200b');
}

function formatLink(url: string, text: string): string {
  const target = url.replace(/[|<>\s]/g, (one) => encodeURIComponent(one));
  return `<${target}|${text.replace(/[|<>]/g, '¦')}>`;
}

/** Returns a text as one line, in which lookalikes replace the marks of bold, italic, struck and code text. */
function replaceMarks(text: string): string {
  const line = truncate(text.replace(/\s+/g, ' '), 300)
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('`', "'")
    // Within a word, as in my_app, it is not markup.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ');
  return breakTags(line);
}

// Chat links a bare URL by itself.
function formatField({ code, text, url }: Field): string {
  if (text === url) return url.replace(/[<>\s]/g, encodeURIComponent);
  const name = code === undefined ? '' : formatCode(code);
  const plain = replaceMarks(text);
  const linked = url === undefined ? name || plain : formatLink(url, code ?? plain);
  return [linked, name && plain].filter(Boolean).join(' ');
}

function formatCode(text: string): string {
  return `\`${breakTags(truncate(text.replace(/\s+/g, ' '), 300)).replaceAll('`', "'")}\``;
}
