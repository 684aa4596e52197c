import { createHash, createHmac } from 'node:crypto';
import type { Access, HostAddress, HostKeys, KnownHost } from '../access/access-types.ts';

/** The result of comparing a host's key with the pinned keys. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** The key that a host presented: its blob (RFC 4253, section 6.6) and the verdict on it. */
export interface ReceivedKey {
  readonly blob: Buffer;
  readonly verdict: HostKeyVerdict;
}

type Pins = Pick<Access, 'address' | 'hostKeys'>;

/** Compares the key that a host presented with the pinned keys. */
export function checkHostKey({ address, hostKeys }: Pins, blob: Buffer): HostKeyVerdict {
  const key = blob.toString('base64');
  const lines = findLines(hostKeys, address);
  const portless = findLines(hostKeys, { ...address, port: 22 });
  const fingerprints = listFingerprints(hostKeys);
  if ([...lines, ...portless].some((line) => line.revoked && line.blob === key)) return 'revoked';
  // Like OpenSSH, accept a key that is pinned for the host without its port, but do not expect it.
  if ([...lines, ...portless].some((line) => line.blob === key)) return 'known';
  if (fingerprints.includes(computeFingerprint(blob))) return 'known';
  return listPinnedLines(hostKeys, address).length > 0 || fingerprints.length > 0 ? 'changed' : 'unknown';
}

type KnownHostLine = KnownHost & { kind: 'line' };

/** Returns the lines with keys that a host is expected to have. */
export function listPinnedLines(hostKeys: HostKeys, address: HostAddress): KnownHostLine[] {
  return findLines(hostKeys, address).filter((line) => !line.revoked);
}

function findLines({ known }: HostKeys, address: HostAddress): KnownHostLine[] {
  const names = listNames(address);
  return known.filter(
    (one): one is KnownHostLine =>
      one.kind === 'line' && names.some((name) => matchesHost(one.patterns, name)),
  );
}

/** The names that a host may have in known_hosts. OpenSSH writes the port only if it is not 22. */
function listNames({ host, port }: HostAddress): string[] {
  const name = host.toLowerCase();
  return port === 22 ? [name, `[${name}]:22`] : [`[${name}]:${port}`];
}

/** Whether the patterns of a known_hosts line match a host: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
function matchesHost(patterns: readonly string[], name: string): boolean {
  const matches = (pattern: string) =>
    pattern.startsWith('|') ? matchesHash(pattern, name) : patternToRegExp(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt = '', hash] = hashed.split('|');
  const computed = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return version === '1' && computed === hash;
}

function patternToRegExp(glob: string): RegExp {
  // Several stars mean the same as one, but would make the expression slow.
  const chars = [...glob.replace(/\*+/g, '*')];
  return new RegExp(
    `^${chars.map((char) => (char === '*' ? '.*' : char === '?' ? '.' : RegExp.escape(char))).join('')}$`,
    'i',
  );
}

/** Returns the pinned fingerprints: they are valid for any host. */
export function listFingerprints({ known }: HostKeys): string[] {
  return known.flatMap((one) => (one.kind === 'fingerprint' ? [one.fingerprint] : []));
}

/** The fingerprint of a key blob, as OpenSSH prints it: `SHA256:…`. */
export function computeFingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The signature algorithms of each key type, the preferred one first. Those with SHA-1 and DSA are too weak. */
const signatureAlgorithms = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]);

/**
 * Returns the host key algorithms to offer: those of the keys pinned for the host, so that the server presents one of
 * them. All of them, if no key of a usable type is pinned for the host, or if a fingerprint is pinned.
 */
export function chooseAlgorithms({ address, hostKeys }: Pins): string[] {
  const own = listPinnedLines(hostKeys, address);
  const lines = own.length > 0 ? own : listPinnedLines(hostKeys, { ...address, port: 22 });
  const pinned = listAlgorithms((type) => lines.some((line) => line.type === type));
  return pinned.length > 0 && listFingerprints(hostKeys).length === 0 ? pinned : listAlgorithms(() => true);
}

function listAlgorithms(isWanted: (type: string) => boolean): string[] {
  return [...signatureAlgorithms].flatMap(([type, algorithms]) => (isWanted(type) ? algorithms : []));
}

/**
 * Returns the algorithms of the keys that the host may still have after it presented these wrong ones, if one of them may
 * match a pinned fingerprint. A wrong key of a type that is pinned is final.
 */
export function chooseOtherAlgorithms(
  { address, hostKeys }: Pins,
  received: readonly ReceivedKey[],
): string[] {
  const types = received.map(({ blob }) => readKeyType(blob));
  const isFinal =
    received.some(({ verdict }) => verdict !== 'changed') ||
    listPinnedLines(hostKeys, address).some((line) => types.includes(line.type)) ||
    listFingerprints(hostKeys).length === 0;
  return isFinal ? [] : listAlgorithms((type) => !types.includes(type));
}

/** The type at the start of a key blob (RFC 4253, section 6.6). */
export function readKeyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}
