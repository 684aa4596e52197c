import { type Fact, factsOf, failureLines, linksOf, plainFact } from './facts.ts';
import { cut, markdownLink } from './markup.ts';
import type { Message } from './message.ts';

/**
 * The body of a message for a Workflow of Microsoft Teams that posts "when a webhook request is received": a message with one card
 * (28 KB at most).
 */
export function teamsPayload(message: Message): unknown {
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card(message) },
    ],
  };
}

/** An Adaptive Card, of the version that Teams shows everywhere. */
function card(message: Message): unknown {
  const lines = failureLines(message, { length: 4_000, as: escaped });
  const isGood = message.outcome === 'success';
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'TextBlock',
        text: escaped(`${isGood ? '✅' : '❌'} ${message.title}`),
        size: 'Large',
        weight: 'Bolder',
        color: isGood ? 'Good' : 'Attention',
        wrap: true,
      },
      { type: 'FactSet', facts: factsOf(message).map((fact) => ({ title: fact.name, value: value(fact) })) },
      ...(lines.length === 0
        ? []
        : [
            {
              type: 'TextBlock',
              text: lines.join('\n\n'),
              fontType: 'Monospace',
              wrap: true,
            },
          ]),
      { type: 'TextBlock', text: escaped(message.project), isSubtle: true, size: 'Small', wrap: true },
    ],
    actions: linksOf(message).map(({ name, url }) => ({ type: 'Action.OpenUrl', title: name, url })),
  };
}

// The few marks that a card's text knows; a backslash takes their meaning.
function escaped(text: string): string {
  return text.replace(/[\\*_[\]`]|^[-+](?= )/g, '\\$&');
}

function value(fact: Fact): string {
  const text = escaped(cut(plainFact(fact), 300));
  return fact.url === undefined ? text : markdownLink(fact.url, text);
}
