/** One message of Postgres's protocol (version 3): its type and its body without the length. */
export interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Decodes the complete messages at the start of the bytes; `rest` is what follows them. */
export function decode(bytes: Buffer): { readonly messages: Message[]; readonly rest: Buffer } {
  const messages: Message[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) break;
    messages.push({ type: bytes.toString('latin1', at, at + 1), body: bytes.subarray(at + 5, end) });
    at = end;
  }
  return { messages, rest: bytes.subarray(at) };
}

/** Encodes an error that ends a connection. `code` is the SQLSTATE. */
export function fatal(code: string, message: string): Buffer {
  return encode({
    type: 'E',
    body: Buffer.concat([text('SFATAL', 'VFATAL', `C${code}`, `M${message}`), Buffer.from([0])]),
  });
}

function text(...parts: readonly string[]): Buffer {
  return Buffer.from(parts.map((part) => `${part}\0`).join(''));
}

/** Asks the client for its password in clear text, which is fine on the loopback interface. */
export const askPassword = encode({ type: 'R', body: int(3) });

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Encodes the messages that end a successful login: the server's parameters, and that it is ready for a query. */
export function welcome(parameters: Readonly<Record<string, string>>, id: number): Buffer {
  return Buffer.concat([
    encode({ type: 'R', body: int(0) }),
    ...Object.entries(parameters).map(([name, value]) => encode({ type: 'S', body: text(name, value) })),
    encode({ type: 'K', body: Buffer.concat([int(id), int(id)]) }),
    encode({ type: 'Z', body: Buffer.from('I') }),
  ]);
}

/** Encodes a message. A message without a type is a startup packet. */
export function encode({ type, body }: Message): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, body]);
}

/** Returns the names and values in a startup packet. */
export function startupParameters(body: Buffer): ReadonlyMap<string, string> {
  const parts = body.toString('utf8', 4).split('\0');
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < parts.length && parts[index] !== ''; index += 2) {
    found.set(parts[index] ?? '', parts[index + 1] ?? '');
  }
  return found;
}

/** Adds a prefix to the name of a prepared statement, so that the statements of two clients do not collide. */
export function rename(message: Message, prefix: string): Message {
  const at = statementAt(message);
  return at === -1 ? message : { type: message.type, body: insertAt(message.body, at, prefix) };
}

/** Returns the offset of the name of a prepared statement in a message; -1 if it does not have one. */
function statementAt({ type, body }: Message): number {
  if (type === 'P') return 0;
  if (type === 'B') return body.indexOf(0) + 1;
  if ((type === 'D' || type === 'C') && body[0] === 'S'.charCodeAt(0)) return 1;
  return -1;
}

function insertAt(body: Buffer, at: number, prefix: string): Buffer {
  return body[at] === 0
    ? body
    : Buffer.concat([body.subarray(0, at), Buffer.from(prefix), body.subarray(at)]);
}
