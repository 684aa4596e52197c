import { createHash, createHmac } from 'node:crypto';
import type { HostAddress, HostKeys, KnownHost } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';

/** What the pinned keys say of the key that a host showed. */
export type Judgement = 'known' | 'unknown' | 'changed' | 'revoked';

/** The name under which known_hosts keeps a host: `host`, or `[host]:port` for another port than 22. */
export const knownName = ({ host, port }: HostAddress): string => (port === 22 ? host : `[${host}]:${port}`);

/** `SHA256:…` of a key blob, as OpenSSH prints it. */
export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** The type that stands at the start of a key blob (RFC 4253, section 6.6). */
export const typeOf = (blob: Buffer): string => blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');

const asPattern = (glob: string): RegExp =>
  new RegExp(
    `^${[...glob].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : RegExp.escape(char))).join('')}$`,
    'i',
  );

const isHashOf = (hashed: string, name: string): boolean => {
  const [, version, salt = '', hash] = hashed.split('|');
  const computed = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
  return version === '1' && computed === hash;
};

/** Whether a line of known_hosts speaks of a host: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
const speaksOf = (patterns: readonly string[], name: string): boolean => {
  const matches = (pattern: string) =>
    pattern.startsWith('|') ? isHashOf(pattern, name) : asPattern(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
};

type Line = KnownHost & { kind: 'line' };

const linesFor = ({ known }: HostKeys, address: HostAddress): Line[] =>
  known.filter((one): one is Line => one.kind === 'line' && speaksOf(one.patterns, knownName(address)));

const fingerprints = ({ known }: HostKeys): string[] =>
  known.flatMap((one) => (one.kind === 'fingerprint' ? [one.fingerprint] : []));

/** Judges the key (its blob) that a host showed. */
export const judge = (hostKeys: HostKeys, address: HostAddress, blob: Buffer): Judgement => {
  const shown = blob.toString('base64');
  const lines = linesFor(hostKeys, address);
  if (lines.some((line) => line.revoked && line.blob === shown)) return 'revoked';
  const good = lines.filter((line) => !line.revoked);
  if (good.some((line) => line.blob === shown)) return 'known';
  if (fingerprints(hostKeys).includes(fingerprintOf(blob))) return 'known';
  if (good.some((line) => line.type === typeOf(blob))) return 'changed';
  return good.length > 0 || fingerprints(hostKeys).length > 0 ? 'changed' : 'unknown';
};

const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * The host key algorithms to offer: exactly those of the keys that are pinned for the host, so that the server shows
 * one of them. Undefined, for the library's own list, when no pinned line speaks of the host.
 */
export const offeredAlgorithms = (hostKeys: HostKeys, address: HostAddress): string[] | undefined => {
  const types = new Set(
    linesFor(hostKeys, address)
      .filter((line) => !line.revoked)
      .map(({ type }) => type),
  );
  if (types.size === 0 || fingerprints(hostKeys).length > 0) return undefined;
  return [...types].flatMap((type) => algorithms[type] ?? [type]);
};

/** The line to paste into SSH_KNOWN_HOSTS for a key. */
export const pasteLine = (address: HostAddress, blob: Buffer): string =>
  `${knownName(address)} ${typeOf(blob)} ${blob.toString('base64')}`;

const expected = (hostKeys: HostKeys, address: HostAddress): string[] => [
  ...linesFor(hostKeys, address)
    .filter((line) => !line.revoked)
    .map((line) => `${line.type} ${fingerprintOf(Buffer.from(line.blob, 'base64'))}`),
  ...fingerprints(hostKeys),
];

/** The error that stops a run before it authenticates: what was expected, what was seen, and the line to paste. */
export const hostKeyError = (
  hostKeys: HostKeys,
  address: HostAddress,
  { blob, judgement }: { readonly blob: Buffer; readonly judgement: Judgement },
): DeployError => {
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
};
