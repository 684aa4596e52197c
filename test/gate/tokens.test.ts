import { createHmac } from 'node:crypto';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTokenVerifier, type TokenVerifier } from '../../src/gate/tokens.ts';
import { aTokenIssuer, jobClaims, type TokenIssuer } from '../support/gitlab-tokens.ts';

let gitlab: TokenIssuer;
let verifier: TokenVerifier;
let time: number;

beforeEach(async () => {
  gitlab = await aTokenIssuer();
  time = Date.now();
  verifier = createTokenVerifier({ url: gitlab.url, audience: 'dokku-deploy', now: () => time });
});
afterEach(() => gitlab[Symbol.asyncDispose]());

const seconds = (): number => Math.floor(time / 1_000);

describe('a token', () => {
  test('of GitLab names the job', async () => {
    const { identity, expires } = await verifier.verify(await gitlab.sign({ environment: 'staging' }), 'key');
    expect(identity).toMatchObject({
      projectId: '42',
      ref: 'my-branch',
      environment: 'staging',
      job: '1001',
    });
    expect(expires).toBeGreaterThan(time);
  });

  test.each<[string, () => Promise<string>, RegExp]>([
    ['another audience', () => gitlab.sign({ aud: 'vault' }), /"aud"/],
    ['another issuer', () => gitlab.sign({ iss: 'https://gitlab.com' }), /"iss"/],
    ['a time that is over', () => gitlab.sign({ exp: seconds() - 60 }), /"exp"/],
    ['a time that has not come', () => gitlab.sign({ nbf: seconds() + 600 }), /"nbf"/],
    ['no time at all', () => gitlab.sign({ exp: undefined }), /"exp"/],
    ['no project id', () => gitlab.sign({ project_id: undefined }), /"project_id"/],
    ['no job', () => gitlab.sign({ job_id: undefined }), /"job_id"/],
  ])('with %s is refused', async (_, sign, reason) => {
    await expect(verifier.verify(await sign(), 'key')).rejects.toThrow(reason);
  });

  test('with the algorithm none is refused', async () => {
    const [, payload] = (await gitlab.sign()).split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const signature of ['', 'AAAA'])
      await expect(verifier.verify(`${header}.${payload}.${signature}`, 'key')).rejects.toThrow();
  });

  test('that takes the public key for a shared secret is refused', async () => {
    const { publicKey } = await generateKeyPair('RS256');
    const [, payload] = (await gitlab.sign()).split('.');
    const header = Buffer.from('{"alg":"HS256","kid":"key-1"}').toString('base64url');
    const hash = createHmac('sha256', await exportSPKI(publicKey)).update(`${header}.${payload}`);
    const token = `${header}.${payload}.${hash.digest('base64url')}`;
    await expect(verifier.verify(token, 'key')).rejects.toThrow('"alg"');
  });

  test('that another key has signed, or that was changed, is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const forged = await new SignJWT({
      ...jobClaims,
      iss: gitlab.url,
      aud: 'dokku-deploy',
      jti: '1',
      iat: seconds(),
      exp: seconds() + 60,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
      .sign(privateKey);
    await expect(verifier.verify(forged, 'key')).rejects.toThrow('signature verification failed');
    const [header, payload = '', signature] = (await gitlab.sign()).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...claims, ref: 'main' })).toString('base64url');
    await expect(verifier.verify(`${header}.${changed}.${signature}`, 'key')).rejects.toThrow(
      'signature verification failed',
    );
  });

  test.each([[''], ['x'], ['a.b.c'], ['\0'.repeat(10)], ['e30.e30.e30']])('%j is refused', async (token) => {
    await expect(verifier.verify(token, 'key')).rejects.toThrow();
  });

  test('counts only for the session that has shown it first', async () => {
    const token = await gitlab.sign();
    await verifier.verify(token, 'the key of the job');
    await verifier.verify(token, 'the key of the job');
    await expect(verifier.verify(token, 'another key')).rejects.toThrow('belongs to another session');
  });
});

describe('the keys of GitLab', () => {
  test('are fetched once, and again when there is a new one, but not for each unknown one', async () => {
    for (let round = 0; round < 3; round += 1) await verifier.verify(await gitlab.sign(), `key ${round}`);
    expect(gitlab.requests).toHaveLength(2);
    await gitlab.rotate();
    time += 31_000;
    await verifier.verify(await gitlab.sign(), 'key');
    expect(gitlab.requests).toHaveLength(4);
    const unknown = await gitlab.sign({}, { kid: 'unknown' });
    for (let round = 0; round < 5; round += 1)
      await expect(verifier.verify(unknown, 'key')).rejects.toThrow('no applicable key');
    expect(gitlab.requests).toHaveLength(4);
  });

  test('are kept while GitLab is away, and fetched again after ten minutes', async () => {
    await verifier.verify(await gitlab.sign(), 'key');
    gitlab.answers.set('/.well-known/openid-configuration', { status: 502, body: '' });
    time += 11 * 60_000;
    await verifier.verify(await gitlab.sign(), 'key');
    expect(gitlab.requests).toHaveLength(3);
  });

  test.each([
    [502, '', 'answered 502'],
    [200, 'x', 'cannot be fetched'],
    [
      200,
      '{"issuer":"https://gitlab.com","jwks_uri":"https://gitlab.com/keys"}',
      'the issuer is another one',
    ],
    [200, '"issuer"', 'the issuer is another one'],
  ])('are not taken from a document of status %i with %j', async (status, body, reason) => {
    gitlab.answers.set('/.well-known/openid-configuration', { status, body });
    await expect(verifier.verify(await gitlab.sign(), 'key')).rejects.toThrow(reason);
  });

  test('are not taken from another server than GitLab’s', async () => {
    const body = JSON.stringify({ issuer: gitlab.url, jwks_uri: 'https://example.com/keys' });
    gitlab.answers.set('/.well-known/openid-configuration', { status: 200, body });
    await expect(verifier.verify(await gitlab.sign(), 'key')).rejects.toThrow(
      'the keys are on another server',
    );
  });
});
