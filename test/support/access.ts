import { generateKeyPairSync } from 'node:crypto';
import type { Access } from '../../src/access/access-types.ts';
import { readKnownHosts } from '../../src/access/known-hosts.ts';
import { readPrivateKey } from '../../src/access/private-key.ts';

interface AccessInput {
  readonly port: number;
  readonly host?: string | undefined;
  readonly user?: string | undefined;
  /** A new RSA key by default. */
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Any host key is accepted by default. */
  readonly knownHosts?: string | undefined;
  readonly checking?: 'pinned' | 'accept-new' | undefined;
}

/** Returns the access to an SSH server on this machine. */
export const anAccess = async (input: AccessInput): Promise<Access> => {
  const { key = anRsaKey(), passphrase, knownHosts } = input;
  const read = await readPrivateKey({ text: key, passphrase, variable: 'SSH_PRIVATE_KEY' });
  if ('problem' in read) throw new Error(read.problem.message);
  const { known, hasAuthorities } = readKnownHosts(knownHosts ?? '');
  return {
    address: { user: input.user ?? 'dokku', host: input.host ?? '127.0.0.1', port: input.port },
    privateKey: read.key,
    hostKeys: {
      checking: input.checking ?? (knownHosts === undefined ? 'accept-new' : 'pinned'),
      known,
      hasAuthorities,
    },
  };
};

/** Returns a new RSA private key as PEM. */
export const anRsaKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2_048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
