import { type Fact, factsOf, failureLines, linksOf } from './facts.ts';
import { codeBlock, cut, markdownLink } from './markup.ts';
import { markdownFact } from './mattermost.ts';
import type { Message } from './message.ts';

/**
 * The body of a message for a webhook of Discord: one embed (title 256, description 4096, field 1024 characters). Nobody is called,
 * whatever a commit is named: `allowed_mentions`.
 */
export function discordPayload(message: Message): unknown {
  const lines = failureLines(message, { length: 2_000 }).join('\n');
  const links = linksOf(message).map(({ name, url }) => markdownLink(url, name));
  const text = [lines && codeBlock(lines), links.join(' · ')];
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(message.title, 256),
        ...(message.jobUrl === undefined ? {} : { url: message.jobUrl }),
        color: message.outcome === 'success' ? 0x2da160 : 0xc91c00,
        description: text.filter((part) => part !== '').join('\n'),
        fields: factsOf(message).map((fact) => ({
          name: fact.name,
          value: cut(value(fact), 1_024),
          inline: fact.name !== 'Commit' && fact.name !== 'Address',
        })),
        footer: { text: cut(message.project, 2_048) },
        timestamp: message.endedAt,
      },
    ],
  };
}

// Discord makes no link of one whose text is an address: it shows brackets and all.
function value(fact: Fact): string {
  return fact.text === fact.url ? fact.text : markdownFact(fact);
}
