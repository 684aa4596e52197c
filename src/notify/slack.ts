import { type Fact, factsOf, failureLines, linksOf } from './facts.ts';
import { cut } from './markup.ts';
import type { Message } from './message.ts';

/** The body of a message for an incoming webhook of Slack, in blocks (Block Kit: a header of 150 characters, 10 fields, 3000 in a text). */
export function slackPayload(message: Message): unknown {
  const mark = message.outcome === 'success' ? '✅' : '❌';
  const title = `${mark} ${message.title}`;
  const asCode = (line: string) => escaped(line.replaceAll('```', "'''"));
  const lines = failureLines(message, { length: 2_900, as: asCode }).join('\n');
  const links = linksOf(message).map(({ name, url }) => link(url, name));
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, 150), emoji: true } },
      { type: 'section', fields: factsOf(message).map(field) },
      ...(lines === '' ? [] : [{ type: 'section', text: mrkdwn(`\`\`\`${lines}\`\`\``) }]),
      { type: 'context', elements: [mrkdwn([escaped(message.project), ...links].join(' · '))] },
    ],
  };
}

// Slack's own rule for mrkdwn: these three characters, and no others. Without a bare < nobody is called by <!channel>, and a text
// that is verbatim is not searched for names of channels and people.
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function link(url: string, text: string): string {
  return `<${escaped(url).replaceAll('|', '%7C')}|${text.replaceAll('|', '¦')}>`;
}

function field(fact: Fact): unknown {
  const text = escaped(cut(fact.text, 300));
  const name = fact.code === undefined ? '' : fact.url === undefined ? code(fact.code) : escaped(fact.code);
  const linked = fact.url === undefined ? name || text : link(fact.url, name || text);
  return mrkdwn(`*${fact.name}*\n${[linked, name && text].filter(Boolean).join(' ')}`);
}

function code(text: string): string {
  return `\`${escaped(text.replaceAll('`', "'"))}\``;
}

function mrkdwn(text: string) {
  return { type: 'mrkdwn', text, verbatim: true };
}
