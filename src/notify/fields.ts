import { keepLastLines } from './markup.ts';
import type { Message } from './message.ts';

/** A labelled value of a message: plain text, code or both, and the URL that it links to. */
export interface Field {
  readonly name: string;
  readonly text: string;
  /** Text to show as code. */
  readonly code?: string;
  readonly url?: string | undefined;
}

/** Returns the fields that every channel shows besides the title, in this order. */
export function buildFields(message: Message): readonly Field[] {
  const { environment, url, ref, commit, author } = message;
  return [
    ...(environment === undefined ? [] : [{ name: 'Environment', text: environment }]),
    ...(url === undefined ? [] : [{ name: 'URL', text: url, url }]),
    { name: 'App', text: '', code: message.app },
    { name: 'Branch', text: '', code: ref },
    ...(commit ? [{ name: 'Commit', code: commit.short, text: commit.subject ?? '', url: commit.url }] : []),
    ...(author === undefined ? [] : [{ name: 'By', text: author }]),
    { name: 'Took', text: message.duration },
  ];
}

/** Formats a field's value as one line without markup. */
export function formatPlainField({ code, text }: Field): string {
  return [code, text].filter(Boolean).join(' ');
}

/** Returns the links of a message. */
export function buildLinks({
  url,
  jobUrl,
  pipelineUrl,
}: Message): readonly { readonly name: string; readonly url: string }[] {
  return [
    { name: 'Open the app', url },
    { name: 'Job log', url: jobUrl },
    { name: 'Pipeline', url: pipelineUrl },
  ].flatMap(({ name, url: target }) => (target === undefined ? [] : [{ name, url: target }]));
}

/**
 * Returns the reason of a failure and the last lines of the host's output, in at most `length` characters; nothing for a
 * successful run. `as` escapes a line for the chat.
 */
export function formatFailureLines(
  { failure }: Message,
  { length, as = (line) => line }: { readonly length: number; readonly as?: (line: string) => string },
): readonly string[] {
  if (!failure) return [];
  const reason = as(failure.reason);
  return [reason, ...keepLastLines(failure.said.map(as), length - reason.length - 1)];
}
