import type { Secret } from '../secret.ts';

export interface HostAddress {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** A private key that was parsed and checked. */
export interface PrivateKey {
  readonly type: string;
  /** `SHA256:…` of the public half, as ssh-keygen prints it. */
  readonly fingerprint: string;
  /** The key as PEM, in a format that ssh2 can read. */
  readonly pem: Secret;
  /** The passphrase of `pem`, if it may be encrypted. */
  readonly passphrase: Secret | undefined;
}

/** One line of SSH_KNOWN_HOSTS. */
export type KnownHost =
  | {
      readonly kind: 'line';
      readonly revoked: boolean;
      /** Host patterns as written, or a single hashed one (`|1|salt|hash`). */
      readonly patterns: readonly string[];
      readonly type: string;
      /** The key blob, base64. */
      readonly blob: string;
    }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string };

export interface HostKeys {
  readonly checking: 'pinned' | 'accept-new';
  readonly known: readonly KnownHost[];
  /** Whether there are @cert-authority lines, which are not supported. */
  readonly hasAuthorities: boolean;
}

/** How a job reaches the host by way of a gate, which is at the address of the access. */
export interface GateLogin {
  /** The path of the gate's socket, instead of the address. */
  readonly socket: string | undefined;
  /** The ID token of the job; undefined if the key alone is enough. */
  readonly token: Secret | undefined;
}

export interface Access {
  readonly address: HostAddress;
  readonly privateKey: PrivateKey;
  readonly hostKeys: HostKeys;
  /** Undefined for a connection to the host itself. */
  readonly gate?: GateLogin | undefined;
}
