/** Returns a value in DER, the binary encoding of ASN.1: its tag, its length, its contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const bytes = body.length.toString(16);
  const length = Buffer.from(bytes.length % 2 === 0 ? bytes : `0${bytes}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents);
}

/** Returns an object identifier (`2.5.4.3`) in DER. */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(toBase128)]));
}

/** The high bit of a byte says that another one follows. */
function toBase128(number: number): number[] {
  const high = Math.floor(number / 128);
  return [...(high > 0 ? toBase128(high).map((byte) => byte | 0x80) : []), number % 128];
}

/** Returns a bit string of whole bytes in DER. */
export function bitString(bytes: Uint8Array): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

/** Returns a time in DER, in seconds. Times up to 2049 have two digits for the year, as X.509 demands. */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}
