import { buildFields, buildLinks, type Field, formatFailureLines, formatPlainField } from './fields.ts';
import { markdownLink, truncate } from './markup.ts';
import type { Message } from './message.ts';

/**
 * Builds the body for a Microsoft Teams Workflow "when a webhook request is received": a message with one card (28 KB at
 * most).
 */
export function buildTeamsPayload(message: Message): unknown {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: buildCard(message),
      },
    ],
  };
}

/** Builds an Adaptive Card of the version that all clients of Teams support. */
function buildCard(message: Message): unknown {
  const lines = formatFailureLines(message, { length: 4_000, as: escapeMarkup });
  const isGood = message.outcome === 'success';
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      {
        type: 'TextBlock',
        text: escapeMarkup(`${isGood ? '✅' : '❌'} ${message.title}`),
        size: 'Large',
        weight: 'Bolder',
        color: isGood ? 'Good' : 'Attention',
        wrap: true,
      },
      {
        type: 'FactSet',
        facts: buildFields(message).map((field) => ({ title: field.name, value: formatValue(field) })),
      },
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
      { type: 'TextBlock', text: escapeMarkup(message.project), isSubtle: true, size: 'Small', wrap: true },
    ],
    actions: buildLinks(message).map(({ name, url }) => ({ type: 'Action.OpenUrl', title: name, url })),
  };
}

// The subset of Markdown that a card's text supports.
function escapeMarkup(text: string): string {
  return text.replace(/[\\*_[\]`]|^[-+](?= )/g, '\\$&');
}

function formatValue(field: Field): string {
  const text = escapeMarkup(truncate(formatPlainField(field), 300));
  return field.url === undefined ? text : markdownLink(field.url, text);
}
