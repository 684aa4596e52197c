import type { OutputStream } from '../world.ts';

/** Writes text so that no secret shows. Only whole lines go out: a secret in two halves would pass the mask. */
export interface MaskingWriter {
  readonly write: (text: string) => void;
  /** Writes what is left without a newline. */
  readonly end: () => void;
}

/** The one way by which a run writes on its streams; `mask` masks the secrets of a text. */
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
