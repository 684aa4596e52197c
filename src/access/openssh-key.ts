import type { webcrypto } from 'node:crypto';

/**
 * Encodes an Ed25519 private key (a JWK) in OpenSSH's format, unencrypted: the only format in which ssh2 reads such a
 * key. The layout is described in OpenSSH's PROTOCOL.key.
 */
export function encodeOpenSshKey({ x = '', d = '' }: webcrypto.JsonWebKey): string {
  const type = 'ssh-ed25519';
  const publicHalf = Buffer.from(x, 'base64url');
  const privateHalf = Buffer.concat([Buffer.from(d, 'base64url'), publicHalf]);
  const check = encodeUint32(0x64_6f_6b_6b);
  const secrets = Buffer.concat([
    check,
    check,
    encodeField(type),
    encodeField(publicHalf),
    encodeField(privateHalf),
    encodeField(''),
  ]);
  const missing = (8 - (secrets.length % 8)) % 8;
  const padding = Buffer.from(Array.from({ length: missing }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    encodeField('none'),
    encodeField('none'),
    encodeField(''),
    encodeUint32(1),
    encodeField(Buffer.concat([encodeField(type), encodeField(publicHalf)])),
    encodeField(Buffer.concat([secrets, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

function encodeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function encodeField(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
