import type { Access, HostAddress } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';
import {
  computeFingerprint,
  listFingerprints,
  listPinnedLines,
  type ReceivedKey,
  readKeyType,
} from './host-key.ts';

type Pins = Pick<Access, 'address' | 'hostKeys'>;

/** The error for the keys of a host, none of which is pinned: the expected keys, the received ones, and lines to paste. */
export function hostKeyError({ address, hostKeys }: Pins, received: readonly ReceivedKey[]): DeployError {
  const name = formatKnownHostsName(address);
  const keys = received.map(({ blob }) => `${readKeyType(blob)} ${computeFingerprint(blob)}`);
  const lines = received.map(({ blob }) => formatKnownHostsLine(address, blob));
  if (received.every(({ verdict }) => verdict === 'unknown')) {
    return new DeployError('host-key-unknown', {
      message: `The host key of ${name} is not in SSH_KNOWN_HOSTS. The host presented ${keys.join(', ')}.`,
      said: lines,
      remedy: `Compare the fingerprint with the one on the host (there: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add the line above to SSH_KNOWN_HOSTS.${hostKeys.hasAuthorities ? ' Its @cert-authority lines are not used: host certificates are not supported.' : ''}`,
    });
  }
  const how = received.some(({ verdict }) => verdict === 'revoked')
    ? 'presented a key that SSH_KNOWN_HOSTS marks as revoked'
    : 'presented a different key than the pinned one';
  return new DeployError('host-key-changed', {
    message: `The host ${name} ${how}. The run stopped before the login.`,
    said: [
      ...listExpectedKeys({ address, hostKeys }).map((key) => `expected: ${key}`),
      ...keys.map((key) => `received: ${key}`),
      ...lines,
    ],
    remedy:
      'Ask the operator of the host whether its key has changed. If it has, replace the old line in SSH_KNOWN_HOSTS with the last line above. If it has not, someone may be intercepting the connection.',
  });
}

function listExpectedKeys({ address, hostKeys }: Pins): string[] {
  return [
    ...listPinnedLines(hostKeys, address).map(
      ({ type, blob }) => `${type} ${computeFingerprint(Buffer.from(blob, 'base64'))}`,
    ),
    ...listFingerprints(hostKeys),
  ];
}

/** The line to add to SSH_KNOWN_HOSTS for a key. */
export function formatKnownHostsLine(address: HostAddress, blob: Buffer): string {
  return `${formatKnownHostsName(address)} ${readKeyType(blob)} ${blob.toString('base64')}`;
}

/** The name of a host in known_hosts: `host`, or `[host]:port` for a port other than 22. */
export function formatKnownHostsName({ host, port }: HostAddress): string {
  return port === 22 ? host : `[${host}]:${port}`;
}
