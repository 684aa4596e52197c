import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import { Secret } from '../secret.ts';
import type { PrivateKey } from './access-types.ts';
import { encodeOpenSshKey } from './openssh-key.ts';
import { diagnoseKey, normaliseKey } from './pem.ts';

/** What is wrong with a key, without any part of the key, and what to do. */
export interface KeyProblem {
  readonly message: string;
  readonly remedy: string;
}

export type KeyResult = { readonly key: PrivateKey } | { readonly problem: KeyProblem };

interface KeyInput {
  /** The variable's value, or the content of the file that it names. */
  readonly text: string;
  readonly passphrase: string | undefined;
  /** The variable's name, for messages. */
  readonly variable: string;
}

/**
 * Parses a private key in any form in which GitLab delivers it: PEM, PKCS#8 or OpenSSH; with CRLF, without a last
 * newline, with literal `\n`, with spaces instead of newlines, or as base64. For a key that cannot be used, the problem
 * names the exact reason and contains no part of the key.
 */
export async function readPrivateKey({ text, passphrase, variable }: KeyInput): Promise<KeyResult> {
  const pem = normaliseKey(text);
  const wrong = diagnoseKey(pem);
  if (wrong) return toKeyProblem(`it ${wrong.message}`, wrong.remedy);
  const isPkcs8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem);
  const usable = isPkcs8 ? convertPkcs8(pem, passphrase) : pem;
  if (usable instanceof Error) return explainFailure(variable, usable.message, passphrase);
  const parsed = await parseKey(usable, passphrase);
  if (parsed instanceof Error) return explainFailure(variable, parsed.message, passphrase);
  return {
    key: {
      type: parsed.type,
      fingerprint: computeFingerprint(parsed),
      pem: new Secret(variable, usable),
      passphrase: passphrase === undefined || isPkcs8 ? undefined : new Secret('SSH_PASSPHRASE', passphrase),
    },
  };
}

function toKeyProblem(message: string, remedy: string): KeyResult {
  return { problem: { message, remedy } };
}

/** Converts PKCS#8 (`BEGIN PRIVATE KEY`), which ssh2 cannot read, to the older formats. */
function convertPkcs8(pem: string, passphrase: string | undefined): string | Error {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    return exportKey(key) ?? new Error(`key type ${key.asymmetricKeyType}`);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return new Error(`${message} ${code ?? ''}`.trim());
  }
}

function exportKey(key: KeyObject): string | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519':
      return encodeOpenSshKey(key.export({ format: 'jwk' }));
    default:
      return undefined;
  }
}

const wrongPassphrase =
  /bad passphrase|bad decrypt|integrity check failed|wrong (tag|final block length)|BAD_DECRYPT/i;
const needsPassphrase =
  /no passphrase given|encrypted private .*detected|passphrase required|interrupted or cancelled|MISSING_PASSPHRASE/i;

function explainFailure(variable: string, parserError: string, passphrase: string | undefined): KeyResult {
  if (!passphrase && needsPassphrase.test(parserError)) {
    return toKeyProblem(
      `it is encrypted with a passphrase, and SSH_PASSPHRASE is not set`,
      'Set SSH_PASSPHRASE, or generate a deploy key without a passphrase: ssh-keygen -t ed25519 -N "" -f deploy_key',
    );
  }
  if (passphrase && (wrongPassphrase.test(parserError) || needsPassphrase.test(parserError))) {
    return toKeyProblem(
      `SSH_PASSPHRASE is not the passphrase of ${variable}`,
      'Set it to the passphrase that was chosen when the key was generated.',
    );
  }
  return toKeyProblem(
    `it is damaged, or its type is not supported: ${parserError}`,
    'Paste the whole file again, from the BEGIN line to the END line. RSA, ECDSA and Ed25519 keys are supported.',
  );
}

async function parseKey(pem: string, passphrase: string | undefined): Promise<ParsedKey | Error> {
  const { default: ssh2 } = await import('ssh2');
  const parsed = ssh2.utils.parseKey(pem, passphrase) as ParsedKey | ParsedKey[] | Error;
  const first = Array.isArray(parsed) ? parsed[0] : parsed;
  if (first === undefined) return new Error('it contains no key');
  if (first instanceof Error) return first;
  return first.isPrivateKey() ? first : new Error('it contains only a public key');
}

function computeFingerprint(key: ParsedKey): string {
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}
