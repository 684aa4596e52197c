import { createHash } from 'node:crypto';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { type Identity, readIdentity } from './identity.ts';

/** Why a token is not accepted. */
export class TokenError extends Error {}

/** A job that has shown its token. */
export interface VerifiedToken {
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Verifies ID tokens. Throws `TokenError` for a token that is not accepted, or that cannot be verified now. */
export interface TokenVerifier {
  /** `binding`: what the session has proven besides, its key or its connection. A token counts only together with its first one. */
  readonly verify: (token: string, binding: string) => Promise<VerifiedToken>;
}

interface TokenVerifierOptions {
  /** GitLab’s URL: the issuer. */
  readonly url: string;
  readonly audience: string;
  readonly now: () => number;
  readonly fetchJson?: (url: string) => Promise<unknown>;
}

// GitLab signs with RS256. None of these is symmetric: no public key can pass for a shared secret.
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const requiredClaims = ['exp', 'iat', 'jti', 'project_id', 'project_path', 'ref', 'job_id'];

/** Seconds by which the clocks of GitLab and of the gate may differ. */
const clockTolerance = 30;

/** Creates a verifier for the tokens of one GitLab. Its keys are fetched when they are needed. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const keys = new KeySource(options);
  const bindings = new Bindings(options.now);
  return {
    verify: async (token, binding) => {
      const payload = await verifyWith(keys, token, options);
      const expires = Number(payload.exp) * 1_000;
      bindings.check(token, binding, expires);
      return { identity: readIdentity(payload), expires };
    },
  };
}

async function verifyWith(
  keys: KeySource,
  token: string,
  { url, audience, now }: TokenVerifierOptions,
): Promise<JWTPayload> {
  const check = async (keySet: ReturnType<typeof createLocalJWKSet>) => {
    const { payload } = await jwtVerify(token, keySet, {
      issuer: [trimSlash(url), `${trimSlash(url)}/`],
      audience,
      algorithms,
      requiredClaims,
      clockTolerance,
      currentDate: new Date(now()),
    });
    return payload;
  };
  try {
    return await check(await keys.get());
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw toTokenError(error);
  }
  // GitLab may have new keys.
  try {
    return await check(await keys.renew());
  } catch (error) {
    throw toTokenError(error);
  }
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function toTokenError(error: unknown): unknown {
  return error instanceof errors.JOSEError ? new TokenError(error.message) : error;
}

/** Milliseconds for which keys count, and between two attempts to get new ones: anyone can send a token with an unknown key. */
const keyLifetime = 10 * 60_000;
const renewPause = 30_000;

type Keys = ReturnType<typeof createLocalJWKSet>;

/** The public keys of a GitLab, from its discovery document (OpenID Connect Discovery 1.0). */
class KeySource {
  readonly #options: TokenVerifierOptions;
  #keys: Promise<Keys> | undefined;
  #fetched = Number.NEGATIVE_INFINITY;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  get(): Promise<Keys> {
    const { now } = this.#options;
    return this.#keys && now() - this.#fetched < keyLifetime ? this.#keys : this.#fetch();
  }

  renew(): Promise<Keys> {
    const { now } = this.#options;
    return this.#keys && now() - this.#fetched < renewPause ? this.#keys : this.#fetch();
  }

  /** Old keys count until there are new ones: GitLab may be away for a moment. */
  #fetch(): Promise<Keys> {
    const previous = this.#keys;
    this.#fetched = this.#options.now();
    const fetching = fetchKeys(this.#options).then(createLocalJWKSet);
    this.#keys = fetching.catch((error: unknown) => {
      if (this.#keys !== undefined) this.#keys = previous;
      if (previous) return previous;
      throw new TokenError(`the keys of ${this.#options.url} cannot be fetched: ${(error as Error).message}`);
    });
    return this.#keys;
  }
}

async function fetchKeys({
  url,
  fetchJson = fetchLimitedJson,
}: TokenVerifierOptions): Promise<JSONWebKeySet> {
  const base = trimSlash(url);
  const discovery = await fetchJson(`${base}/.well-known/openid-configuration`);
  const { issuer, jwks_uri: keysUrl } = discovery as { issuer?: unknown; jwks_uri?: unknown };
  if (typeof issuer !== 'string' || trimSlash(issuer) !== base) throw new Error('the issuer is another one');
  if (typeof keysUrl !== 'string' || URL.parse(keysUrl)?.origin !== new URL(base).origin)
    throw new Error('the keys are on another server');
  return (await fetchJson(keysUrl)) as JSONWebKeySet;
}

const maxDocumentSize = 1024 ** 2;
const fetchTime = 10_000;

async function fetchLimitedJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(fetchTime), redirect: 'error' });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxDocumentSize) throw new Error(`${url} is larger than 1 MiB`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** What each token was first shown with. A restart forgets it; until then, a copied token is of no use without the key of its job. */
class Bindings {
  readonly #now: () => number;
  readonly #bound = new Map<string, { readonly binding: string; readonly expires: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  check(token: string, binding: string, expires: number): void {
    const time = this.#now() - clockTolerance * 1_000;
    for (const [id, bound] of this.#bound) if (bound.expires < time) this.#bound.delete(id);
    const id = createHash('sha256').update(token).digest('base64');
    const bound = this.#bound.get(id);
    if (bound && bound.binding !== binding) throw new TokenError('the token belongs to another session');
    this.#bound.set(id, { binding, expires });
  }
}
