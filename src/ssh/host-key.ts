import { createHash, createHmac } from 'node:crypto';
import type { HostAddress, HostKeys, KnownHost } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';

/** The result of comparing a host's key with the pinned keys. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

/** Compares the key that a host presented (its blob, RFC 4253, section 6.6) with the pinned keys. */
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
 * Returns the host key algorithms to offer: those of the keys pinned for the host, so that the server presents one of
 * them. Returns undefined, for the library's own list, if no pinned line matches the host.
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

/** The error for a key that is not pinned: the expected keys, the presented key, and the line to paste. */
export function hostKeyError(
  hostKeys: HostKeys,
  address: HostAddress,
  { blob, verdict }: { readonly blob: Buffer; readonly verdict: HostKeyVerdict },
): DeployError {
  const name = formatKnownHostsName(address);
  const received = `${readKeyType(blob)} ${computeFingerprint(blob)}`;
  if (verdict === 'unknown') {
    return new DeployError('host-key-unknown', {
      message: `The host key of ${name} is not in SSH_KNOWN_HOSTS. The host presented ${received}.`,
      said: [formatKnownHostsLine(address, blob)],
      remedy:
        'Compare the fingerprint with the one on the host (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add the line above to SSH_KNOWN_HOSTS.',
    });
  }
  const how =
    verdict === 'revoked'
      ? 'presented a key that SSH_KNOWN_HOSTS marks as revoked'
      : 'presented a different key than the pinned one';
  return new DeployError('host-key-changed', {
    message: `The host ${name} ${how}. The run stopped before the login.`,
    said: [
      ...listExpectedKeys(hostKeys, address).map((one) => `expected: ${one}`),
      `received: ${received}`,
      formatKnownHostsLine(address, blob),
    ],
    remedy:
      'Ask the operator of the host whether its key has changed. If it has, replace the old line in SSH_KNOWN_HOSTS with the last line above. If it has not, someone may be intercepting the connection.',
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

/** The fingerprint of a key blob, as OpenSSH prints it: `SHA256:…`. */
export function computeFingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The line to add to SSH_KNOWN_HOSTS for a key. */
export function formatKnownHostsLine(address: HostAddress, blob: Buffer): string {
  return `${formatKnownHostsName(address)} ${readKeyType(blob)} ${blob.toString('base64')}`;
}

/** The name of a host in known_hosts: `host`, or `[host]:port` for a port other than 22. */
export function formatKnownHostsName({ host, port }: HostAddress): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The type at the start of a key blob (RFC 4253, section 6.6). */
export function readKeyType(blob: Buffer): string {
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
}
