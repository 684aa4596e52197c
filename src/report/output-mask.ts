import { Buffer } from 'node:buffer';
import { Secret } from '../secret.ts';
import { createMask } from './mask.ts';

/** Masks secrets in the output of a program. All other bytes stay as they are. */
export interface OutputMask {
  /** Returns the masked bytes up to the last newline; the rest follows with its line. */
  readonly push: (chunk: Uint8Array) => Buffer;
  /** Returns the masked rest. */
  readonly end: () => Buffer;
  /** Whether anything was masked. */
  readonly hasMasked: () => boolean;
}

/** Bytes of a line after which it is passed on without its end, and how many of them are kept: a secret may begin there. */
const longLine = 64 * 1024;
const keptBytes = 8 * 1024;

/** Creates the mask of an output. `keep`: texts that are not masked. */
export function createOutputMask(secrets: Iterable<Secret>, keep: Iterable<string>): OutputMask {
  // In Latin-1, each byte is one character, so that text of any encoding, and none, passes through unchanged.
  const mask = createMask(
    [...secrets].map((secret) => new Secret(secret.name, toBytes(secret.reveal()), secret)),
    [...keep].map(toBytes),
  );
  let pending = '';
  let hasMasked = false;
  const take = (length: number): Buffer => {
    const text = pending.slice(0, length);
    pending = pending.slice(length);
    const masked = mask(text);
    hasMasked ||= masked !== text;
    return Buffer.from(masked, 'latin1');
  };
  return {
    push: (chunk) => {
      pending += Buffer.from(chunk).toString('latin1');
      const complete = pending.lastIndexOf('\n') + 1;
      return take(pending.length - complete > longLine ? pending.length - keptBytes : complete);
    },
    end: () => take(pending.length),
    hasMasked: () => hasMasked,
  };
}

function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
