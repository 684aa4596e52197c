import { createHash, createHmac } from 'node:crypto';
import type { HostAddress, HostKeys, KnownHost } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';

/** What the pinned keys say of the key that a host showed. */
export type Judgement = 'known' | 'unknown' | 'changed' | 'revoked';

/** Judges the key (its blob) that a host showed. */
export function judge(hostKeys: HostKeys, address: HostAddress, blob: Buffer): Judgement {
  const shown = blob.toString('base64');
  const lines = linesFor(hostKeys, address);
  if (lines.some((line) => line.revoked && line.blob === shown)) return 'revoked';
  const good = lines.filter((line) => !line.revoked);
  if (good.some((line) => line.blob === shown)) return 'known';
  if (fingerprints(hostKeys).includes(fingerprintOf(blob))) return 'known';
  if (good.some((line) => line.type === typeOf(blob))) return 'changed';
  return good.length > 0 || fingerprints(hostKeys).length > 0 ? 'changed' : 'unknown';
}

type Line = KnownHost & { kind: 'line' };

function linesFor({ known }: HostKeys, address: HostAddress): Line[] {
  return known.filter(
    (one): one is Line => one.kind === 'line' && speaksOf(one.patterns, knownName(address)),
  );
}

/** Whether a line of known_hosts speaks of a host: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
function speaksOf(patterns: readonly string[], name: string): boolean {
  const matches = (pattern: string) =>
    pattern.startsWith('|') ? isHashOf(pattern, name) : asPattern(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash] = hashed.split('|');
  const computed = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return version === '1' && computed === hash;
}

function asPattern(glob: string): RegExp {
  return new RegExp(
    `^${[...glob].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : RegExp.escape(char))).join('')}$`,
    'i',
  );
}

function fingerprints({ known }: HostKeys): string[] {
  return known.flatMap((one) => (one.kind === 'fingerprint' ? [one.fingerprint] : []));
}

const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * The host key algorithms to offer: exactly those of the keys that are pinned for the host, so that the server shows
 * one of them. Undefined, for the library's own list, when no pinned line speaks of the host.
 */
export function offeredAlgorithms(hostKeys: HostKeys, address: HostAddress): string[] | undefined {
  const types = new Set(
    linesFor(hostKeys, address)
      .filter((line) => !line.revoked)
      .map(({ type }) => type),
  );
  if (types.size === 0 || fingerprints(hostKeys).length > 0) return undefined;
  return [...types].flatMap((type) => algorithms[type] ?? [type]);
}

/** The error that stops a run before it authenticates: what was expected, what was seen, and the line to paste. */
export function hostKeyError(
  hostKeys: HostKeys,
  address: HostAddress,
  { blob, judgement }: { readonly blob: Buffer; readonly judgement: Judgement },
): DeployError {
  const name = knownName(address);
  const seen = `${typeOf(blob)} ${fingerprintOf(blob)}`;
  if (judgement === 'unknown') {
    return new DeployError('host-key-unknown', {
      message: `The host key of ${name} is not in SSH_KNOWN_HOSTS: it showed ${seen}.`,
      said: [pasteLine(address, blob)],
      remedy:
        'Compare the fingerprint with the host’s own (on it: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then put the line above into SSH_KNOWN_HOSTS.',
    });
  }
  const how =
    judgement === 'revoked'
      ? 'shows a key that SSH_KNOWN_HOSTS marks as revoked'
      : 'shows another key than the pinned one';
  return new DeployError('host-key-changed', {
    message: `The host ${name} ${how}. Nothing was sent to it.`,
    said: [
      ...expected(hostKeys, address).map((one) => `expected: ${one}`),
      `seen:     ${seen}`,
      pasteLine(address, blob),
    ],
    remedy:
      'Ask the host’s operator whether its key has changed. If so, put the last line above into SSH_KNOWN_HOSTS in the place of the old one; if not, somebody may sit in between.',
  });
}

function expected(hostKeys: HostKeys, address: HostAddress): string[] {
  return [
    ...linesFor(hostKeys, address)
      .filter((line) => !line.revoked)
      .map((line) => `${line.type} ${fingerprintOf(Buffer.from(line.blob, 'base64'))}`),
    ...fingerprints(hostKeys),
  ];
}

/** `SHA256:…` of a key blob, as OpenSSH prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The line to paste into SSH_KNOWN_HOSTS for a key. */
export function pasteLine(address: HostAddress, blob: Buffer): string {
  return `${knownName(address)} ${typeOf(blob)} ${blob.toString('base64')}`;
}

/** The name under which known_hosts keeps a host: `host`, or `[host]:port` for another port than 22. */
export function knownName({ host, port }: HostAddress): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The type that stands at the start of a key blob (RFC 4253, section 6.6). */
export function typeOf(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}
