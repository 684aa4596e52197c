import { type Fact, factsOf, failureLines, linksOf } from './facts.ts';
import { codeBlock, codeSpan, cut, markdownLink, plainMarkdown } from './markup.ts';
import type { Message } from './message.ts';

/** The body of a message for an incoming webhook of Mattermost: an attachment with fields, its text in Markdown. */
export function mattermostPayload(message: Message): unknown {
  const lines = failureLines(message, { length: 4_000 }).join('\n');
  const links = linksOf(message).map(({ name, url }) => markdownLink(url, name));
  const text = [lines && codeBlock(lines), links.join(' · ')];
  return {
    attachments: [
      {
        fallback: message.title,
        color: message.outcome === 'success' ? '#2da160' : '#c91c00',
        title: message.title.replaceAll('@', '@\u200b'),
        ...(message.jobUrl === undefined ? {} : { title_link: message.jobUrl }),
        text: text.filter((part) => part !== '').join('\n'),
        fields: factsOf(message).map((fact) => ({
          short: fact.name !== 'Commit' && fact.name !== 'Address',
          title: fact.name,
          value: markdownFact(fact),
        })),
        footer: message.project,
      },
    ],
  };
}

/** A fact's value in Markdown. */
export function markdownFact({ code, text, url }: Fact): string {
  const name = code === undefined ? '' : codeSpan(code);
  const words = plainMarkdown(cut(text, 300));
  const linked = url === undefined ? name || words : markdownLink(url, name || words);
  return [linked, name && words].filter(Boolean).join(' ');
}
