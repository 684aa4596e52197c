import { StringDecoder } from 'node:string_decoder';
import { limits } from './limits.ts';

/** Receives one line of text, without its newline. */
export type OnLine = (line: string) => void;

/** Splits a stream of bytes into lines. */
export interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
  /** Reports the last line, if it had no newline. */
  readonly end: () => void;
}

/**
 * Calls `onLine` for each line of UTF-8 text, without its newline or CRLF, in time linear in the text. A line of more
 * than `maxLength` characters ends with the number of characters that were dropped.
 */
export function splitLines(onLine: OnLine, maxLength = limits.lineLength): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let pieces: string[] = [];
  let length = 0;
  const append = (text: string): void => {
    const room = maxLength - length;
    if (room > 0 && text !== '') pieces.push(text.slice(0, room));
    length += text.length;
  };
  const endLine = (): void => {
    const line = pieces.join('');
    onLine(
      length > maxLength
        ? `${line.toWellFormed()} … (${length - maxLength} more characters)`
        : line.replace(/\r$/, ''),
    );
    pieces = [];
    length = 0;
  };
  const take = (text: string): void => {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      append(text.slice(start, end));
      endLine();
      start = end + 1;
    }
    append(text.slice(start));
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (length > 0) endLine();
    },
  };
}
