import { timingSafeEqual } from 'node:crypto';
import type {
  AuthContext,
  KeyboardAuthContext,
  ParsedKey,
  PasswordAuthContext,
  PublicKeyAuthContext,
} from 'ssh2';
import { DeployError } from '../errors.ts';
import { computeFingerprint } from '../ssh/host-key.ts';
import type { Identity } from './identity.ts';
import { TokenError, type TokenVerifier } from './tokens.ts';

/** How jobs log in: with an ID token, or with the key that was made for one job. */
export type LoginRule =
  | { readonly kind: 'token'; readonly verifier: TokenVerifier }
  | { readonly kind: 'key'; readonly key: ParsedKey; readonly identity: Identity };

/** The login of one connection. */
export interface Login {
  /** Handles a request of the client. */
  readonly handle: (context: AuthContext) => void;
  /** Who the job is, once it has logged in. `expires`: milliseconds since the epoch. */
  readonly result: () => { readonly identity: Identity; readonly expires: number } | undefined;
}

interface LoginOptions {
  readonly rule: LoginRule;
  /** The number of the connection. */
  readonly connection: number;
  readonly onRefused: (reason: string) => void;
}

/** A connection that was refused so often is ended. */
export const maxAttempts = 6;

/** Starts the login of a connection. */
export function startLogin({ rule, connection, onRefused }: LoginOptions): Login {
  let found: ReturnType<Login['result']>;
  let provenKey: string | undefined;
  const acceptAs = (context: AuthContext, identity: Identity, expires: number): void => {
    found = { identity, expires };
    context.accept();
  };
  const acceptToken = (verifier: TokenVerifier, context: AuthContext, token: string): void => {
    const binding = provenKey ?? `connection ${connection}`;
    verifier.verify(token, binding).then(
      ({ identity, expires }) => acceptAs(context, identity, expires),
      (error: unknown) => {
        onRefused(describeRefusal(error));
        context.reject(['password', 'keyboard-interactive']);
      },
    );
  };
  return {
    result: () => found,
    handle: (context) => {
      if (rule.kind === 'key') {
        const isOwn = context.method === 'publickey' && isSameKey(context.key.data, rule.key);
        if (isOwn && proveKey(context, rule.key)) acceptAs(context, rule.identity, Number.POSITIVE_INFINITY);
        else if (isOwn && context.signature === undefined) context.accept();
        else context.reject(['publickey']);
        return;
      }
      const { verifier } = rule;
      if (context.method === 'publickey') handleKey(context, (key) => (provenKey = key));
      else if (context.method === 'password') acceptToken(verifier, context, readPassword(context));
      else if (context.method === 'keyboard-interactive')
        promptToken(context, (token) => acceptToken(verifier, context, token));
      else context.reject(['publickey', 'password', 'keyboard-interactive']);
    },
  };
}

function describeRefusal(error: unknown): string {
  return error instanceof TokenError || error instanceof DeployError
    ? error.message
    : `the token could not be verified: ${(error as Error).message}`;
}

function isSameKey(blob: Buffer, key: ParsedKey): boolean {
  const expected = key.getPublicSSH();
  return blob.length === expected.length && timingSafeEqual(blob, expected);
}

function proveKey(context: PublicKeyAuthContext, key: ParsedKey): boolean {
  const { blob, signature, hashAlgo } = context;
  if (!blob || !signature) return false;
  return key.verify(blob, signature, hashAlgo) === true;
}

/** Any key will do: it only ties the token to its owner. */
function handleKey(context: PublicKeyAuthContext, onProven: (fingerprint: string) => void): void {
  if (context.signature === undefined) {
    context.accept();
    return;
  }
  void import('ssh2').then(({ default: ssh2 }) => {
    const key = ssh2.utils.parseKey(context.key.data);
    const parsed = Array.isArray(key) ? key[0] : key;
    if (parsed && !(parsed instanceof Error) && proveKey(context, parsed)) {
      onProven(computeFingerprint(context.key.data));
      context.reject(['password', 'keyboard-interactive'], true);
    } else context.reject(['password', 'keyboard-interactive']);
  });
}

function readPassword(context: PasswordAuthContext): string {
  return context.password.trim();
}

function promptToken(context: KeyboardAuthContext, take: (token: string) => void): void {
  context.prompt([{ prompt: 'ID token: ', echo: false }], ([answer = '']) => take(answer.trim()));
}
