import { buildFields, buildLinks, type Field, formatFailureLines } from './fields.ts';
import { codeBlock, codeSpan, escapeMarkdown, markdownLink, truncate } from './markup.ts';
import type { Message } from './message.ts';

/** Builds the body for an incoming webhook of Mattermost: an attachment with fields, its text in Markdown. */
export function buildMattermostPayload(message: Message): unknown {
  const lines = formatFailureLines(message, { length: 4_000 }).join('\n');
  const links = buildLinks(message).map(({ name, url }) => markdownLink(url, name));
  const text = [lines && codeBlock(lines), links.join(' · ')];
  return {
    attachments: [
      {
        fallback: message.title,
        color: message.outcome === 'success' ? '#2da160' : '#c91c00',
        title: message.title.replaceAll('@', '@\u200b'),
        ...(message.jobUrl === undefined ? {} : { title_link: message.jobUrl }),
        text: text.filter((part) => part !== '').join('\n'),
        fields: buildFields(message).map((field) => ({
          short: field.name !== 'Commit' && field.name !== 'URL',
          title: field.name,
          value: formatMarkdownField(field),
        })),
        footer: message.project,
      },
    ],
  };
}

/** Formats a field's value in Markdown. */
export function formatMarkdownField({ code, text, url }: Field): string {
  const name = code === undefined ? '' : codeSpan(code);
  const escapedText = escapeMarkdown(truncate(text, 300));
  const linked = url === undefined ? name || escapedText : markdownLink(url, name || escapedText);
  return [linked, name && escapedText].filter(Boolean).join(' ');
}
