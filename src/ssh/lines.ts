import { StringDecoder } from 'node:string_decoder';

/** Receives one line of text, without its newline. */
export type OnLine = (line: string) => void;

/** Splits a stream of bytes into lines. */
export interface LineSplitter {
  readonly push: (chunk: Buffer) => void;
  /** Reports the last line, if it had no newline. */
  readonly end: () => void;
}

/** Calls `onLine` for each line of UTF-8 text, without its newline or CRLF. */
export function splitLines(onLine: OnLine): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, ''));
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
