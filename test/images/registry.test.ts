import { describe, expect, test } from 'vitest';
import type { RegistryCredentials } from '../../src/context/context.ts';
import { parseImageReference } from '../../src/context/image-reference.ts';
import { resolveDigest } from '../../src/images/registry.ts';
import { Secret } from '../../src/secret.ts';
import { aHttpServer, type HttpAnswer, type ReceivedRequest } from '../support/http.ts';
import { digestOf } from '../support/image.ts';

const credentials: RegistryCredentials = { user: 'gitlab-ci-token', password: new Secret('TOKEN', 'word') };
const digest = `sha256:${'d'.repeat(64)}`;
const found: HttpAnswer = { headers: { 'docker-content-digest': digest } };
const basic = `Basic ${Buffer.from('gitlab-ci-token:word').toString('base64')}`;

/** What a registry that answers so makes of `group/shop:1`, and what it was asked. */
const resolve = async (
  answer: (request: ReceivedRequest, url: string) => HttpAnswer,
  login: RegistryCredentials | 'none' = credentials,
) => {
  let url = '';
  await using server = await aHttpServer((request) => answer(request, url));
  ({ url } = server);
  const reference = parseImageReference(`${new URL(url).host}/group/shop:1`);
  if (!reference) throw new Error('the name is valid');
  const stop = new AbortController().signal;
  const resolution = await resolveDigest(reference, {
    credentials: login === 'none' ? undefined : login,
    stop,
    sleep: async () => {},
  });
  const asked = server.received.map(
    ({ method, path, headers }) => `${method} ${path} ${headers.authorization ?? '-'}`,
  );
  return { resolution, asked };
};

const challenge = (text: string): HttpAnswer => ({ status: 401, headers: { 'www-authenticate': text } });
const errors = (status: number, code: string, message: string): HttpAnswer => ({
  status,
  body: { errors: [{ code, message }] },
});

/** A registry with tokens, as GitLab's and Docker's. */
const withTokens =
  (issue: HttpAnswer, manifest: HttpAnswer = found) =>
  ({ path, headers }: ReceivedRequest, url: string): HttpAnswer => {
    if (path.startsWith('/jwt/auth')) return issue;
    if (headers.authorization === 'Bearer the-token') return manifest;
    return challenge(
      `Bearer realm="${url}/jwt/auth",service="container_registry",scope="repository:group/shop:pull"`,
    );
  };

describe('resolveDigest', () => {
  test('reads the digest of a public image with one HEAD request', async () => {
    expect(await resolve(() => found)).toEqual({
      resolution: { kind: 'found', digest },
      asked: ['HEAD /v2/group/shop/manifests/1 -'],
    });
  });

  test('computes the digest of a registry that does not name it', async () => {
    const manifest = '{"schemaVersion": 2}';
    const { resolution } = await resolve(() => ({ body: manifest }));
    expect(resolution).toEqual({ kind: 'found', digest: digestOf(Buffer.from(manifest)) });
  });

  test('gets a token with the credentials where the registry wants one', async () => {
    const { resolution, asked } = await resolve(withTokens({ body: { token: 'the-token' } }));
    expect(resolution).toEqual({ kind: 'found', digest });
    expect(asked).toEqual([
      'HEAD /v2/group/shop/manifests/1 -',
      `GET /jwt/auth?service=container_registry&scope=repository%3Agroup%2Fshop%3Apull ${basic}`,
      'HEAD /v2/group/shop/manifests/1 Bearer the-token',
    ]);
  });

  test('gets an anonymous token without credentials', async () => {
    const { resolution, asked } = await resolve(withTokens({ body: { access_token: 'the-token' } }), 'none');
    expect(resolution.kind).toBe('found');
    expect(asked[1]).toMatch(/ -$/);
  });

  test('sends a basic login where the registry wants one', async () => {
    const { resolution, asked } = await resolve(({ headers }) =>
      headers.authorization === basic ? found : challenge('Basic realm="Registry Realm"'),
    );
    expect([resolution.kind, asked.length]).toEqual(['found', 2]);
  });

  test('repeats the registry’s words about a missing tag', async () => {
    const { resolution } = await resolve(() => errors(404, 'MANIFEST_UNKNOWN', 'manifest unknown'));
    expect(resolution).toEqual({ kind: 'missing', said: ['MANIFEST_UNKNOWN: manifest unknown'] });
  });

  test.each([
    ['by the token server', withTokens(errors(403, 'DENIED', 'access forbidden'))],
    [
      'by the registry',
      withTokens({ body: { token: 'the-token' } }, errors(403, 'DENIED', 'access forbidden')),
    ],
  ])('repeats the words with which access is denied %s', async (_, answer) => {
    const { resolution } = await resolve(answer);
    expect(resolution).toEqual({ kind: 'denied', said: ['DENIED: access forbidden'] });
  });

  test('is denied without a login where the registry wants a basic one', async () => {
    const { resolution } = await resolve(() => challenge('Basic realm="x"'), 'none');
    expect(resolution).toEqual({ kind: 'denied', said: ['the registry answers with 401'] });
  });

  test('asks a registry that is overloaded three times', async () => {
    let count = 0;
    const { resolution, asked } = await resolve(() => {
      count += 1;
      return count < 3 ? { status: 503 } : found;
    });
    expect([resolution.kind, asked.length]).toEqual(['found', 3]);
    const { resolution: never } = await resolve(() => errors(503, 'UNAVAILABLE', 'down for maintenance'));
    expect(never).toEqual({
      kind: 'unreachable',
      reason: 'it answers with 503: UNAVAILABLE: down for maintenance',
    });
  });

  test('cannot reach a registry that does not listen', async () => {
    const closed = await aHttpServer();
    await closed[Symbol.asyncDispose]();
    const { host } = new URL(closed.url);
    const reference = parseImageReference(`${host}/shop:1`);
    if (!reference) throw new Error('the name is valid');
    const stop = new AbortController().signal;
    const resolution = await resolveDigest(reference, { credentials, stop, sleep: async () => {} });
    expect(resolution).toEqual({ kind: 'unreachable', reason: `connect ECONNREFUSED ${host}` });
  });

  test('reads no more than 4 MiB', async () => {
    const { resolution } = await resolve(({ method }) =>
      method === 'HEAD' ? { status: 200 } : { body: 'x'.repeat(5 * 1024 ** 2) },
    );
    expect(resolution).toEqual({ kind: 'unreachable', reason: 'it sends more than 4 MiB' });
  });

  test.each(['ftp://token.test/x', 'no URL', 'http://user@REGISTRY/'])(
    'sends the credentials to no realm such as %s',
    async (realm) => {
      const { resolution, asked } = await resolve((_, url) =>
        challenge(`Bearer realm="${realm.replace('REGISTRY', new URL(url).host)}"`),
      );
      expect(resolution).toEqual({
        kind: 'unreachable',
        reason: expect.stringContaining('which is not an https URL'),
      });
      expect(asked).toEqual(['HEAD /v2/group/shop/manifests/1 -']);
    },
  );

  test('takes a token server that sends no token for one that cannot be reached', async () => {
    const { resolution } = await resolve(withTokens({ body: '<html>' }));
    expect(resolution.kind).toBe('unreachable');
  });
});
