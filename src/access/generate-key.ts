import ssh2 from 'ssh2';

/** The two halves of a key: the private one in OpenSSH's format, the public one as a line of authorized_keys. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

/** Makes an Ed25519 key pair. */
export function generateKeyPair(comment = ''): KeyPair {
  const { utils } = ssh2;
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519', { comment });
    // ssh2 drops the first byte of a public key if it is zero (one of 256): OpenSSH and ssh2 itself refuse both halves.
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
