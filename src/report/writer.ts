import type { OutputStream } from '../world.ts';

/** Writes text with its secrets masked. Only whole lines are written: half a secret would pass the mask. */
export interface MaskingWriter {
  readonly write: (text: string) => void;
  /** Writes the rest that has no newline. */
  readonly end: () => void;
}

/** Creates a writer for a stream; `mask` masks the secrets of a text. */
export function createMaskingWriter(
  output: Pick<OutputStream, 'write'>,
  mask: (text: string) => string,
): MaskingWriter {
  let rest = '';
  return {
    write: (text) => {
      const whole = rest + text;
      const end = whole.lastIndexOf('\n') + 1;
      rest = whole.slice(end);
      if (end > 0) output.write(mask(whole.slice(0, end)));
    },
    end: () => {
      if (rest !== '') output.write(mask(rest));
      rest = '';
    },
  };
}
