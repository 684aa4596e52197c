import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import type { ParsedKey } from 'ssh2';
import { Secret } from '../secret.ts';
import type { PrivateKey } from './access-types.ts';
import { openSshKey } from './openssh-key.ts';
import { normaliseKey, whatItIs } from './pem.ts';

/** What is wrong with a key, without a byte of it, and what to do. */
export interface KeyProblem {
  readonly message: string;
  readonly remedy: string;
}

export type ReadKey = { readonly key: PrivateKey } | { readonly problem: KeyProblem };

interface KeyText {
  /** The variable's value, or the content of the file that it names. */
  readonly text: string;
  readonly passphrase: string | undefined;
  /** The variable's name, for messages. */
  readonly variable: string;
}

/**
 * Reads a private key in any of the forms in which GitLab delivers it: PEM, PKCS#8, OpenSSH; with CRLF, without a last
 * newline, with literal `\n`, with newlines turned into blanks, as base64. Says exactly what is wrong with one that
 * cannot be used, and never shows any of it.
 */
export async function readPrivateKey({ text, passphrase, variable }: KeyText): Promise<ReadKey> {
  const pem = normaliseKey(text);
  const wrong = whatItIs(pem);
  if (wrong) return problem(`it ${wrong.message}`, wrong.remedy);
  const isPkcs8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(pem);
  const usable = isPkcs8 ? fromPkcs8(pem, passphrase) : pem;
  if (usable instanceof Error) return refusal(variable, usable.message, passphrase);
  const parsed = await parse(usable, passphrase);
  if (parsed instanceof Error) return refusal(variable, parsed.message, passphrase);
  return {
    key: {
      type: parsed.type,
      fingerprint: fingerprint(parsed),
      key: new Secret(variable, usable),
      passphrase: passphrase === undefined || isPkcs8 ? undefined : new Secret('SSH_PASSPHRASE', passphrase),
    },
  };
}

function problem(message: string, remedy: string): ReadKey {
  return { problem: { message, remedy } };
}

/** ssh2 refuses PKCS#8 (`BEGIN PRIVATE KEY`); Node's crypto turns it into the older forms. */
function fromPkcs8(pem: string, passphrase: string | undefined): string | Error {
  try {
    const key = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    return fromKeyObject(key) ?? new Error(`a key of type ${key.asymmetricKeyType}`);
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return new Error(`${message} ${code ?? ''}`.trim());
  }
}

function fromKeyObject(key: KeyObject): string | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519':
      return openSshKey(key.export({ format: 'jwk' }));
    default:
      return undefined;
  }
}

const wrongPassphrase =
  /bad passphrase|bad decrypt|integrity check failed|wrong (tag|final block length)|BAD_DECRYPT/i;
const needsPassphrase =
  /no passphrase given|encrypted private .*detected|passphrase required|interrupted or cancelled|MISSING_PASSPHRASE/i;

function refusal(variable: string, said: string, passphrase: string | undefined): ReadKey {
  if (!passphrase && needsPassphrase.test(said)) {
    return problem(
      `it is encrypted with a passphrase, and SSH_PASSPHRASE is not set`,
      'Set SSH_PASSPHRASE, or make a deploy key without a passphrase: ssh-keygen -t ed25519 -N "" -f deploy_key',
    );
  }
  if (passphrase && (wrongPassphrase.test(said) || needsPassphrase.test(said))) {
    return problem(
      `SSH_PASSPHRASE does not open ${variable}`,
      'Set the passphrase that the key was made with.',
    );
  }
  return problem(
    `it is damaged or of a kind that this tool cannot use: ${said}`,
    'Paste the whole file again, from its BEGIN line to its END line; RSA, ECDSA and Ed25519 keys are understood.',
  );
}

async function parse(pem: string, passphrase: string | undefined): Promise<ParsedKey | Error> {
  const { default: ssh2 } = await import('ssh2');
  const parsed = ssh2.utils.parseKey(pem, passphrase) as ParsedKey | ParsedKey[] | Error;
  const first = Array.isArray(parsed) ? parsed[0] : parsed;
  if (first === undefined) return new Error('no key in it');
  if (first instanceof Error) return first;
  return first.isPrivateKey() ? first : new Error('it holds only a public key');
}

function fingerprint(key: ParsedKey): string {
  return `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
}
