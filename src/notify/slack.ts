import { buildFields, buildLinks, type Field, formatFailureLines } from './fields.ts';
import { truncate } from './markup.ts';
import type { Message } from './message.ts';

/** Builds the body for an incoming webhook of Slack (Block Kit: header 150 characters, 10 fields, text 3000 characters). */
export function buildSlackPayload(message: Message): unknown {
  const mark = message.outcome === 'success' ? '✅' : '❌';
  const title = `${mark} ${message.title}`;
  const asCode = (line: string) => escapeMrkdwn(line.replaceAll('```', "'''"));
  const lines = formatFailureLines(message, { length: 2_900, as: asCode }).join('\n');
  const links = buildLinks(message).map(({ name, url }) => formatLink(url, name));
  return {
    text: escapeMrkdwn(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: truncate(title, 150), emoji: true } },
      { type: 'section', fields: buildFields(message).map(formatField) },
      ...(lines === '' ? [] : [{ type: 'section', text: mrkdwn(`\`\`\`${lines}\`\`\``) }]),
      { type: 'context', elements: [mrkdwn([escapeMrkdwn(message.project), ...links].join(' · '))] },
    ],
  };
}

// Slack's rule for mrkdwn: escape these three characters and no others. Without a bare <, a text cannot contain <!channel>; with
// `verbatim`, Slack doesn't look for names of channels and people.
function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function formatLink(url: string, text: string): string {
  return `<${escapeMrkdwn(url).replaceAll('|', '%7C')}|${text.replaceAll('|', '¦')}>`;
}

function formatField(field: Field): unknown {
  const text = escapeMrkdwn(truncate(field.text, 300));
  const code = formatFieldCode(field);
  const linked = field.url === undefined ? code || text : formatLink(field.url, code || text);
  return mrkdwn(`*${field.name}*\n${[linked, code && text].filter(Boolean).join(' ')}`);
}

/** The text of a link is not formatted as code. */
function formatFieldCode({ code, url }: Field): string {
  if (code === undefined) return '';
  return url === undefined ? formatCode(code) : escapeMrkdwn(code);
}

function formatCode(text: string): string {
  return `\`${escapeMrkdwn(text.replaceAll('`', "'"))}\``;
}

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}
