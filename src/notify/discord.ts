import { buildFields, buildLinks, type Field, formatFailureLines } from './fields.ts';
import { codeBlock, markdownLink, truncate } from './markup.ts';
import { formatMarkdownField } from './mattermost.ts';
import type { Message } from './message.ts';

/**
 * Builds the body for a Discord webhook: one embed (title 256, description 4096, field 1024 characters). `allowed_mentions`
 * keeps a commit's text from mentioning anyone.
 */
export function buildDiscordPayload(message: Message): unknown {
  const lines = formatFailureLines(message, { length: 2_000 }).join('\n');
  const links = buildLinks(message).map(({ name, url }) => markdownLink(url, name));
  const text = [lines && codeBlock(lines), links.join(' · ')];
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: truncate(message.title, 256),
        ...(message.jobUrl === undefined ? {} : { url: message.jobUrl }),
        color: message.outcome === 'success' ? 0x2da160 : 0xc91c00,
        description: text.filter((part) => part !== '').join('\n'),
        fields: buildFields(message).map((field) => ({
          name: field.name,
          value: truncate(formatValue(field), 1_024),
          inline: field.name !== 'Commit' && field.name !== 'URL',
        })),
        footer: { text: truncate(message.project, 2_048) },
        timestamp: message.endedAt,
      },
    ],
  };
}

// Discord doesn't render a Markdown link whose text is a URL: it would show the brackets.
function formatValue(field: Field): string {
  return field.text === field.url ? field.text : formatMarkdownField(field);
}
