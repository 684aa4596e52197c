import { Buffer } from 'node:buffer';

/** The standard output of a script's wrapper, without its frames. */
export interface FrameReader {
  /** Returns the bytes of the script in a chunk; what may be the beginning of a frame is kept until the next one. */
  readonly push: (chunk: Uint8Array) => Buffer;
  /** Returns what was kept. */
  readonly end: () => Buffer;
  /** The name that Dokku gave to the process in the container, `run.NUMBER`; undefined before it has started. */
  readonly process: () => string | undefined;
  /** The exit code of the last frame that has one; undefined without any. */
  readonly exitCode: () => number | undefined;
}

/** Bytes of the longest frame, from the nonce on. */
const maxFrame = 64;

const frame = /^(?:started (?<process>[a-z]*\.?\d*)|ended (?<exit>\d{1,3}))\]\r?\n/;

/** Reads the frames that have a nonce. The script may print them, too: the wrapper's own comes last. */
export function readFrames(nonce: string): FrameReader {
  const mark = Buffer.from(`[dokku-deploy ${nonce} `);
  let kept: Buffer = Buffer.alloc(0);
  let process: string | undefined;
  let exitCode: number | undefined;

  const take = (text: string): number | undefined => {
    const found = frame.exec(text);
    if (!found) return undefined;
    const { process: started, exit } = found.groups ?? {};
    if (exit === undefined) process ??= started;
    else exitCode = Number(exit);
    return found[0].length;
  };

  const read = (isLast: boolean): Buffer => {
    const passed: Buffer[] = [];
    for (;;) {
      const at = kept.indexOf(mark);
      if (at === -1) break;
      const after = kept.subarray(at + mark.length, at + mark.length + maxFrame);
      const length = take(after.toString('latin1'));
      if (length === undefined && after.length < maxFrame && !isLast) {
        passed.push(kept.subarray(0, at));
        kept = kept.subarray(at);
        return Buffer.concat(passed);
      }
      passed.push(kept.subarray(0, length === undefined ? at + mark.length : at));
      kept = kept.subarray(at + mark.length + (length ?? 0));
    }
    const end = isLast ? kept.length : kept.length - lengthOfStart(kept, mark);
    passed.push(kept.subarray(0, end));
    kept = kept.subarray(end);
    return Buffer.concat(passed);
  };

  return {
    push: (chunk) => {
      kept = Buffer.concat([kept, chunk]);
      return read(false);
    },
    end: () => read(true),
    process: () => process,
    exitCode: () => exitCode,
  };
}

/** Returns how many bytes at the end of a text are the beginning of a mark. */
function lengthOfStart(text: Buffer, mark: Buffer): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.subarray(text.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
