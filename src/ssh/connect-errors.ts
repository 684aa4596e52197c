import type { Access } from '../access/access-types.ts';
import { DeployError } from '../errors.ts';
import { formatKnownHostsName } from './host-key-error.ts';
import type { Limits } from './limits.ts';

/** An error of ssh2. `level` names the layer that failed; `code` is the system's. */
export type SshError = Error & { level?: string; code?: string };

/** Returns the error for a connection that could not be opened: `key-refused` or `host-not-reached`. */
export function toConnectError(access: Access, limits: Limits, error: SshError): DeployError {
  return error.level === 'client-authentication'
    ? keyRefusedError(access, error)
    : unreachableError(access, limits, error);
}

function keyRefusedError({ address, privateKey, gate }: Access, error: SshError): DeployError {
  if (gate) {
    return new DeployError('key-refused', {
      message: `The gate ${formatKnownHostsName(address)} does not accept ${gate.token ? 'DOKKU_GATE_TOKEN' : 'the key of this job'}.`,
      remedy:
        'Its audit has the reason: a wrong `aud` in id_tokens, another GitLab, an expired token, or one that another session has used.',
      cause: error,
    });
  }
  return new DeployError('key-refused', {
    message: `${address.user}@${formatKnownHostsName(address)} does not accept SSH_PRIVATE_KEY (${privateKey.type} ${privateKey.fingerprint}).`,
    remedy:
      'Add its public key to Dokku. On the host, as root: dokku ssh-keys:add gitlab-ci deploy_key.pub (ssh-keygen -y -f deploy_key prints the public key).',
    cause: error,
  });
}

const remedies = new Map([
  ['ENOTFOUND', 'Check the name in DOKKU_HOST.'],
  ['EAI_AGAIN', 'The name server did not answer: try again, or check the DNS settings of the runner.'],
  ['ECONNREFUSED', 'Check the port in DOKKU_HOST (host:port), and that the SSH server is running.'],
  ['EHOSTUNREACH', 'Check the network between the runner and the host.'],
  ['ENETUNREACH', 'Check the network between the runner and the host.'],
]);

function unreachableError({ address, gate }: Access, limits: Limits, error: SshError): DeployError {
  const variable = gate ? 'DOKKU_GATE' : 'DOKKU_HOST';
  const name = formatKnownHostsName(address);
  if (error.level === 'client-timeout') {
    return new DeployError('host-not-reached', {
      message: `${name} did not answer within ${limits.connectTime / 1_000} s.`,
      remedy: `Check ${variable}, and that no firewall blocks the SSH port for the runner.`,
      cause: error,
    });
  }
  return new DeployError('host-not-reached', {
    message: `${name} could not be reached: ${error.message}`,
    remedy:
      remedies.get(error.code ?? '')?.replace('DOKKU_HOST', variable) ??
      'Run the job again. If the error persists, ask the operator of the host.',
    cause: error,
  });
}

/** Returns the error for a host that has no key of the pinned types. */
export function noCommonKeyError({ address }: Access, error: Error): DeployError {
  return new DeployError('host-key-changed', {
    message: `${formatKnownHostsName(address)} has no host key of a type that SSH_KNOWN_HOSTS pins for it.`,
    said: [error.message],
    remedy:
      'Add the current key of the host to SSH_KNOWN_HOSTS: ssh-keyscan prints it. First compare its fingerprint with the one on the host.',
  });
}
