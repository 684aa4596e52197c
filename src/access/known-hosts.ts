import { createHash } from 'node:crypto';
import type { HostKeys, KnownHost } from './access-types.ts';

/** A line of SSH_KNOWN_HOSTS that cannot be used. The first line is number 1. */
export interface KnownHostsProblem {
  readonly line: number;
  readonly message: string;
}

/**
 * Parses the pinned host keys: lines of a known_hosts file (plain, hashed, with patterns, ports or markers; sshd(8),
 * SSH_KNOWN_HOSTS FILE FORMAT), the output of `ssh-keyscan`, `SHA256:…` fingerprints, the output of `ssh-keygen -l`, or
 * public host keys (`/etc/ssh/ssh_host_*_key.pub`).
 */
export function readKnownHosts(
  text: string,
): Pick<HostKeys, 'known' | 'hasAuthorities'> & { readonly problems: readonly KnownHostsProblem[] } {
  const known: KnownHost[] = [];
  const problems: KnownHostsProblem[] = [];
  const authorities: KnownHostsProblem[] = [];
  const lines = text.includes('\n') ? text.split('\n') : text.split('\\n');
  for (const [index, raw] of lines.entries()) {
    const words = raw.replaceAll('\\r', '').trim().split(/\s+/);
    const [first = ''] = words;
    if (first === '' || first.startsWith('#')) continue;
    const read = parseLine(words);
    if (typeof read !== 'string') known.push(read);
    else (first === '@cert-authority' ? authorities : problems).push({ line: index + 1, message: read });
  }
  // A known_hosts file often has other lines besides those of an authority.
  if (known.length === 0) problems.push(...authorities);
  return { known, hasAuthorities: authorities.length > 0, problems };
}

const keyType = /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-\S+)$/;

function parseLine(words: readonly string[]): KnownHost | string {
  const [first = '', second = ''] = words;
  const fingerprint = [first, /^\d+$/.test(first) ? second : ''].find((word) => /^(SHA256|MD5):/.test(word));
  if (fingerprint !== undefined) return parseFingerprint(fingerprint);
  if (first === '@cert-authority')
    return 'host certificates (@cert-authority) are not supported: add the key of the host itself';
  if (keyType.test(first)) return parsePublicKey(first, second);
  const revoked = first === '@revoked';
  const [hosts = '', type = '', blob] = revoked ? words.slice(1) : words;
  if (!keyType.test(type)) return `${JSON.stringify(type.slice(0, 40))} is not a key type`;
  if (!isKeyBlob(blob, type)) return 'the key is missing or cut off';
  return { kind: 'line', revoked, patterns: hosts.split(','), type, blob };
}

function parseFingerprint(text: string): KnownHost | string {
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(text))
    return { kind: 'fingerprint', fingerprint: text.replace(/=$/, '') };
  return text.startsWith('MD5:')
    ? 'MD5 fingerprints are not supported: use the SHA256 fingerprint'
    : 'the fingerprint is cut off: it has 43 characters after SHA256:';
}

/** A public key without a host name pins the same as its fingerprint. */
function parsePublicKey(type: string, blob: string): KnownHost | string {
  if (!isKeyBlob(blob, type)) return 'the key is missing or cut off';
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return { kind: 'fingerprint', fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

/** Whether a text is a whole public key of a type: a sequence of fields with their lengths, the first one the type (RFC 4253, section 6.6). */
function isKeyBlob(text: string | undefined, type: string): text is string {
  if (text === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  let end = 0;
  while (end + 4 <= bytes.length) end += 4 + bytes.readUInt32BE(end);
  return end === bytes.length && bytes.toString('latin1', 4, 4 + type.length) === type;
}
