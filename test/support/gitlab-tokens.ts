import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A GitLab that signs ID tokens, with the documents that a verifier reads. */
export interface TokenIssuer extends AsyncDisposable {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: string[];
  /** Signs a token with the current key. `header` and `claims` replace what a valid one has. */
  readonly sign: (
    claims?: Readonly<Record<string, unknown>>,
    header?: { readonly kid?: string },
  ) => Promise<string>;
  /** Replaces the key by a new one. */
  readonly rotate: () => Promise<void>;
  /** What the server answers instead of its documents. */
  readonly answers: Map<string, { readonly status: number; readonly body: string }>;
  /** While it is set, requests get no answer. */
  isSilent: boolean;
}

/** The claims of a job of `group/shop` on `my-branch`. */
export const jobClaims = {
  project_id: '42',
  project_path: 'group/shop',
  ref: 'my-branch',
  ref_type: 'branch',
  ref_path: 'refs/heads/my-branch',
  ref_protected: 'false',
  pipeline_source: 'push',
  job_id: '1001',
  user_login: 'ann',
};

/** Making one takes long, so that all servers begin with the same key. */
const firstKey = generateKeyPair('RS256');

/** Starts the server. */
export const aTokenIssuer = async (): Promise<TokenIssuer> => {
  let current: { readonly key: CryptoKey; readonly jwk: JWK };
  let count = 0;
  const rotate = async (): Promise<void> => {
    const { publicKey, privateKey } = await (count === 0 ? firstKey : generateKeyPair('RS256'));
    count += 1;
    const kid = `key-${count}`;
    current = { key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
  };
  await rotate();
  const requests: string[] = [];
  const answers: TokenIssuer['answers'] = new Map();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    if (issuer.isSilent) return;
    const answer = answers.get(path);
    if (answer) return void response.writeHead(answer.status).end(answer.body);
    const documents = new Map<string, unknown>([
      ['/.well-known/openid-configuration', { issuer: url, jwks_uri: `${url}/oauth/discovery/keys` }],
      ['/oauth/discovery/keys', { keys: [current.jwk] }],
    ]);
    response.writeHead(documents.has(path) ? 200 : 404).end(JSON.stringify(documents.get(path) ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TokenIssuer = {
    url,
    requests,
    answers,
    isSilent: false,
    rotate,
    sign: (claims = {}, header = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const payload = {
        ...{ iss: url, aud: 'dokku-deploy', iat: now, nbf: now - 5, exp: now + 3_600, sub: 'project' },
        ...{ jti: crypto.randomUUID(), ...jobClaims, ...claims },
      };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: current.jwk.kid ?? '', typ: 'JWT', ...header })
        .sign(current.key);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return issuer;
};
