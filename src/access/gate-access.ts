import { createHmac, createPrivateKey, randomBytes } from 'node:crypto';
import type { JobInput } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import { Secret } from '../secret.ts';
import type { Access, PrivateKey } from './access-types.ts';
import { readHostAddress } from './host-address.ts';
import { readKnownHosts } from './known-hosts.ts';
import { readPrivateKey } from './private-key.ts';

/** Where a gate is: its address, and the fingerprint of its host key if DOKKU_GATE contains it. */
interface GateAddress extends Pick<Access, 'address'> {
  /** The path of its socket, on this machine. */
  readonly socket: string | undefined;
  readonly fingerprint: string | undefined;
}

/**
 * Returns the access to the gate that DOKKU_GATE names, instead of to the host itself. The job logs in with its ID token and a key of its
 * own, or, at the gate of the custom executor, with the key that was made for it. Adds what is wrong to `problems`.
 */
export async function resolveGateAccess(
  { variables, contents, env }: JobInput,
  problems: Problem[],
): Promise<Access | undefined> {
  const { DOKKU_GATE: text = '', DOKKU_GATE_KEY: given } = variables;
  const token = given === undefined ? variables.DOKKU_GATE_TOKEN : undefined;
  const gate = readGateAddress(text);
  if ('problem' in gate) {
    problems.push({
      where: 'DOKKU_GATE',
      message: `${quoteValue(text)} ${gate.problem}`,
      remedy:
        'It must be ssh://host:port#SHA256:…, with the fingerprint that the gate prints when it starts.',
    });
    return undefined;
  }
  const pins = gate.fingerprint ?? contents.SSH_KNOWN_HOSTS;
  if (pins === undefined) {
    problems.push({
      where: 'DOKKU_GATE',
      message: 'has no fingerprint, and SSH_KNOWN_HOSTS is not set',
      remedy: 'Append the fingerprint that the gate prints when it starts: #SHA256:…',
    });
  }
  const key = await resolveKey({ token, given, jobToken: env.CI_JOB_TOKEN }, problems);
  if (pins === undefined || !key) return undefined;
  const { known, hasAuthorities } = readKnownHosts(pins);
  return {
    address: gate.address,
    privateKey: key,
    hostKeys: { checking: 'pinned', known, hasAuthorities },
    gate: {
      socket: gate.socket,
      token: token === undefined ? undefined : new Secret('DOKKU_GATE_TOKEN', token.trim()),
    },
  };
}

/** Reads `ssh://host:port#SHA256:…` or `unix:/path#SHA256:…`; the fingerprint may be left out. */
function readGateAddress(value: string): GateAddress | { readonly problem: string } {
  const [, place = '', fingerprint] = /^([^#]*)(?:#(.*))?$/s.exec(value.trim()) ?? [];
  if (fingerprint !== undefined && !/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(fingerprint))
    return { problem: 'does not end with a whole fingerprint (43 characters after #SHA256:)' };
  if (/^unix:\/./.test(place)) {
    const address = { user: 'dokku', host: 'localhost', port: 22 };
    return { address, socket: place.slice('unix:'.length), fingerprint };
  }
  const address = readHostAddress(place);
  return 'problem' in address ? address : { address, socket: undefined, fingerprint };
}

interface KeySources {
  readonly token: string | undefined;
  readonly given: string | undefined;
  readonly jobToken: string | undefined;
}

async function resolveKey(
  { token, given, jobToken }: KeySources,
  problems: Problem[],
): Promise<PrivateKey | undefined> {
  if (token === undefined && given === undefined) {
    problems.push({
      where: 'DOKKU_GATE_TOKEN',
      message: 'not set',
      remedy: 'Add it to the job: id_tokens: {DOKKU_GATE_TOKEN: {aud: dokku-deploy}}.',
    });
    return undefined;
  }
  const variable = token === undefined ? 'DOKKU_GATE_KEY' : 'the key for DOKKU_GATE_TOKEN';
  const text = token === undefined ? (given ?? '') : deriveKey(token, jobToken);
  const read = await readPrivateKey({ text, passphrase: undefined, variable });
  if ('key' in read) return read.key;
  problems.push({ where: variable, ...read.problem });
  return undefined;
}

/**
 * Makes the key that a token is bound to. All commands of a job have the same one, and someone who only has the token cannot make it: it
 * depends on CI_JOB_TOKEN, too.
 */
function deriveKey(token: string, jobToken: string | undefined): string {
  const seed =
    jobToken === undefined ? randomBytes(32) : createHmac('sha256', jobToken).update(token.trim()).digest();
  const key = Buffer.concat([ed25519Header, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** What precedes the seed of an Ed25519 key in PKCS#8 (RFC 8410, section 7). */
const ed25519Header = Buffer.from('302e020100300506032b657004220420', 'hex');
