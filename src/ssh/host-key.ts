import { createHash, createHmac } from 'node:crypto';
import type { HostAddress, HostKeys, KnownHost } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';

/** What the pinned keys say of the key that a host showed. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** Judges the key (its blob) that a host showed. */
export function checkHostKey(hostKeys: HostKeys, address: HostAddress, blob: Buffer): HostKeyVerdict {
  const shown = blob.toString('base64');
  const lines = findLines(hostKeys, address);
  if (lines.some((line) => line.revoked && line.blob === shown)) return 'revoked';
  const good = lines.filter((line) => !line.revoked);
  if (good.some((line) => line.blob === shown)) return 'known';
  if (listFingerprints(hostKeys).includes(computeFingerprint(blob))) return 'known';
  if (good.some((line) => line.type === readKeyType(blob))) return 'changed';
  return good.length > 0 || listFingerprints(hostKeys).length > 0 ? 'changed' : 'unknown';
}

type KnownHostLine = KnownHost & { kind: 'line' };

function findLines({ known }: HostKeys, address: HostAddress): KnownHostLine[] {
  return known.filter(
    (one): one is KnownHostLine =>
      one.kind === 'line' && matchesHost(one.patterns, formatKnownHostsName(address)),
  );
}

/** Whether a line of known_hosts speaks of a host: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. */
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
  return new RegExp(
    `^${[...glob].map((char) => (char === '*' ? '.*' : char === '?' ? '.' : RegExp.escape(char))).join('')}$`,
    'i',
  );
}

function listFingerprints({ known }: HostKeys): string[] {
  return known.flatMap((one) => (one.kind === 'fingerprint' ? [one.fingerprint] : []));
}

const algorithms: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * The host key algorithms to offer: exactly those of the keys that are pinned for the host, so that the server shows
 * one of them. Undefined, for the library's own list, when no pinned line speaks of the host.
 */
export function chooseAlgorithms(hostKeys: HostKeys, address: HostAddress): string[] | undefined {
  const types = new Set(
    findLines(hostKeys, address)
      .filter((line) => !line.revoked)
      .map(({ type }) => type),
  );
  if (types.size === 0 || listFingerprints(hostKeys).length > 0) return undefined;
  return [...types].flatMap((type) => algorithms[type] ?? [type]);
}

/** The error that stops a run before it authenticates: what was expected, what was seen, and the line to paste. */
export function hostKeyError(
  hostKeys: HostKeys,
  address: HostAddress,
  { blob, verdict }: { readonly blob: Buffer; readonly verdict: HostKeyVerdict },
): DeployError {
  const name = formatKnownHostsName(address);
  const seen = `${readKeyType(blob)} ${computeFingerprint(blob)}`;
  if (verdict === 'unknown') {
    return new DeployError('host-key-unknown', {
      message: `The host key of ${name} is not in SSH_KNOWN_HOSTS: it showed ${seen}.`,
      said: [formatKnownHostsLine(address, blob)],
      remedy:
        'Compare the fingerprint with the host’s own (on it: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then put the line above into SSH_KNOWN_HOSTS.',
    });
  }
  const how =
    verdict === 'revoked'
      ? 'shows a key that SSH_KNOWN_HOSTS marks as revoked'
      : 'shows another key than the pinned one';
  return new DeployError('host-key-changed', {
    message: `The host ${name} ${how}. Nothing was sent to it.`,
    said: [
      ...listExpectedKeys(hostKeys, address).map((one) => `expected: ${one}`),
      `seen:     ${seen}`,
      formatKnownHostsLine(address, blob),
    ],
    remedy:
      'Ask the host’s operator whether its key has changed. If so, put the last line above into SSH_KNOWN_HOSTS in the place of the old one; if not, somebody may sit in between.',
  });
}

function listExpectedKeys(hostKeys: HostKeys, address: HostAddress): string[] {
  return [
    ...findLines(hostKeys, address)
      .filter((line) => !line.revoked)
      .map((line) => `${line.type} ${computeFingerprint(Buffer.from(line.blob, 'base64'))}`),
    ...listFingerprints(hostKeys),
  ];
}

/** `SHA256:…` of a key blob, as OpenSSH prints it. */
export function computeFingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The line to paste into SSH_KNOWN_HOSTS for a key. */
export function formatKnownHostsLine(address: HostAddress, blob: Buffer): string {
  return `${formatKnownHostsName(address)} ${readKeyType(blob)} ${blob.toString('base64')}`;
}

/** The name under which known_hosts keeps a host: `host`, or `[host]:port` for another port than 22. */
export function formatKnownHostsName({ host, port }: HostAddress): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The type that stands at the start of a key blob (RFC 4253, section 6.6). */
export function readKeyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}
