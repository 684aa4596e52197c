import { keepLastLines } from './markup.ts';
import type { Message } from './message.ts';

/** A thing to know of a run: its name, what it is, as code or not, and where more of it is. */
export interface Field {
  readonly name: string;
  readonly text: string;
  /** A name of something, to be shown as code. */
  readonly code?: string;
  readonly url?: string | undefined;
}

/** What every channel tells of a run besides its title, in this order. */
export function buildFields(message: Message): readonly Field[] {
  const { environment, url, ref, commit, author } = message;
  return [
    ...(environment === undefined ? [] : [{ name: 'Environment', text: environment }]),
    ...(url === undefined ? [] : [{ name: 'Address', text: url, url }]),
    { name: 'App', text: '', code: message.app },
    { name: 'Branch', text: '', code: ref },
    ...(commit ? [{ name: 'Commit', code: commit.short, text: commit.subject ?? '', url: commit.url }] : []),
    ...(author === undefined ? [] : [{ name: 'By', text: author }]),
    { name: 'Took', text: message.duration },
  ];
}

/** A fact in one line without any markup. */
export function formatPlainField({ code, text }: Field): string {
  return [code, text].filter(Boolean).join(' ');
}

/** Where more is to be seen. */
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
 * Why it failed, and the host's words behind it, in so many characters at most; empty for a run that went well. `as` writes a line
 * in the chat's own form.
 */
export function formatFailureLines(
  { failure }: Message,
  { length, as = (line) => line }: { readonly length: number; readonly as?: (line: string) => string },
): readonly string[] {
  if (!failure) return [];
  const reason = as(failure.reason);
  return [reason, ...keepLastLines(failure.said.map(as), length - reason.length - 1)];
}
