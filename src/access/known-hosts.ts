import type { KnownHost } from './access-types.ts';

/** A line of SSH_KNOWN_HOSTS that cannot be used. The first line is number 1. */
export interface KnownHostsProblem {
  readonly line: number;
  readonly message: string;
}

/**
 * Parses the pinned host keys: lines of a known_hosts file (plain, hashed, with patterns, ports or markers; sshd(8),
 * SSH_KNOWN_HOSTS FILE FORMAT), the output of `ssh-keyscan`, or `SHA256:…` fingerprints.
 */
export function readKnownHosts(text: string): {
  readonly known: readonly KnownHost[];
  readonly problems: readonly KnownHostsProblem[];
} {
  const known: KnownHost[] = [];
  const problems: KnownHostsProblem[] = [];
  const lines = text.includes('\n') ? text.split('\n') : text.split('\\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replaceAll('\\r', '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const read = parseLine(line);
    if (typeof read === 'string') problems.push({ line: index + 1, message: read });
    else known.push(read);
  }
  return { known, problems };
}

const keyType = /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-\S+)$/;

function parseLine(line: string): KnownHost | string {
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(line)) {
    return { kind: 'fingerprint', fingerprint: line.replace(/=$/, '') };
  }
  const words = line.split(/\s+/);
  if (words[0] === '@cert-authority')
    return '@cert-authority lines are not supported: paste the key of the host itself';
  const revoked = words[0] === '@revoked';
  const [hosts = '', type = '', blob] = revoked ? words.slice(1) : words;
  if (keyType.test(hosts))
    return 'the host name is missing: a line consists of the host, the key type and the key';
  if (!keyType.test(type)) return `${JSON.stringify(type.slice(0, 40))} is not a key type`;
  if (!isBlob(blob)) return 'the key is missing or cut off';
  return { kind: 'line', revoked, patterns: hosts.split(','), type, blob };
}

function isBlob(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.startsWith('AAAA');
}
