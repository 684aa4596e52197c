import type { GitObject } from './objects.ts';

/** A commit, as far as it is shipped or reported. */
export interface Commit {
  readonly id: string;
  /** The id of its tree. */
  readonly tree: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committedAt: string;
  /** The first paragraph of its message, on one line. */
  readonly subject: string;
  readonly content: Buffer;
}

/** Reads a commit object. */
export function parseCommit({ id, content }: GitObject): Commit {
  const { headers, message } = splitCommit(content);
  const seconds = /> (-?\d+) /.exec(readHeader(headers, 'committer') ?? '')?.[1];
  const text = decode(message, readHeader(headers, 'encoding'));
  return {
    id,
    tree: readHeader(headers, 'tree') ?? '',
    committedAt: toTime(Number(seconds)).toISOString(),
    subject: (text.trimStart().split(/\n\s*\n/)[0] ?? '').trim().replace(/\s*\n\s*/g, ' '),
    content,
  };
}

/** A commit may have a time that no Date can hold. */
function toTime(seconds: number): Date {
  const time = new Date(seconds * 1_000);
  return Number.isNaN(time.getTime()) ? new Date(0) : time;
}

/** Decodes a message in the encoding that its commit names, or in UTF-8. */
function decode(message: string, encoding: string | undefined): string {
  const bytes = Buffer.from(message, 'latin1');
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return bytes.toString();
  }
}

/**
 * Returns the content of a snapshot: a commit without parents that has the author, dates and message of the original commit, and a
 * trailer that names it. The same commit and tree always give the same bytes, and so the same id.
 */
export function buildSnapshotContent(original: Pick<Commit, 'id' | 'content'>, tree: string): Buffer {
  const { headers, message } = splitCommit(original.content);
  const encoding = readHeader(headers, 'encoding');
  const lines = [
    `tree ${tree}`,
    `author ${readHeader(headers, 'author')}`,
    `committer ${readHeader(headers, 'committer')}`,
    ...(encoding === undefined ? [] : [`encoding ${encoding}`]),
  ];
  const text = `${lines.join('\n')}\n\n${message.trimEnd()}\n\nSource-Commit: ${original.id}\n`;
  return Buffer.from(text, 'latin1');
}

/** Splits a commit. Each character of the texts is one byte, whatever the message's encoding. */
function splitCommit(content: Buffer): { readonly headers: string; readonly message: string } {
  const text = content.toString('latin1');
  const end = text.indexOf('\n\n');
  return end === -1
    ? { headers: text, message: '' }
    : { headers: text.slice(0, end), message: text.slice(end + 2) };
}

function readHeader(headers: string, name: string): string | undefined {
  return new RegExp(`^${name} (.*)$`, 'm').exec(headers)?.[1];
}
