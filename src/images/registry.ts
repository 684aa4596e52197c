import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isLoopback } from '../access/host-address.ts';
import type { RegistryCredentials } from '../context/context.ts';
import { dockerHub, type ImageReference } from '../context/image-reference.ts';
import { type Challenge, readChallenge } from './challenge.ts';
import {
  createRequester,
  type RegistryResponse,
  type Requester,
  type RequesterOptions,
  UnreachableError,
} from './request.ts';

/**
 * What a registry answers about an image; `said` are its own words. `denied`: it refuses the credentials, or asks for some.
 * `unreachable`: it gave no usable answer.
 */
export type Resolution =
  | { readonly kind: 'found'; readonly digest: string }
  | { readonly kind: 'missing' | 'denied'; readonly said: readonly string[] }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ResolveOptions extends RequesterOptions {
  readonly credentials: RegistryCredentials | undefined;
}

/**
 * Asks an image's registry for the digest of its manifest, which names the content. It uses the API of the OCI Distribution
 * Specification (`/v2/`), with the basic and token authentication of Docker's registry.
 */
export async function resolveDigest(
  reference: ImageReference,
  { credentials, ...options }: ResolveOptions,
): Promise<Resolution> {
  const request = createRequester(options);
  const url = manifestUrl(reference);
  try {
    return await resolveAt(url, { request, reference, credentials });
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return { kind: 'unreachable', reason: error.message };
  }
}

function manifestUrl({ server, repository, tag, digest }: ImageReference): string {
  const host = server === dockerHub ? 'registry-1.docker.io' : server;
  // Docker, too, speaks HTTP only to a registry on the same machine.
  const scheme = isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https';
  return `${scheme}://${host}/v2/${repository}/manifests/${digest ?? tag}`;
}

interface Inquiry {
  readonly request: Requester;
  readonly reference: ImageReference;
  readonly credentials: RegistryCredentials | undefined;
}

/** Asks without credentials first: the answer shows in which form the registry wants them. */
async function resolveAt(url: string, inquiry: Inquiry): Promise<Resolution> {
  const { request } = inquiry;
  const first = await request({ url, method: 'HEAD', accept, authorization: undefined });
  const challenge = first.status === 401 ? readChallenge(first.challenge) : undefined;
  if (challenge === undefined) return conclude(first, { url, request, authorization: undefined });
  const authorization = await meet(challenge, url, inquiry);
  if (typeof authorization === 'object') return authorization;
  const second = await request({ url, method: 'HEAD', accept, authorization });
  return conclude(second, { url, request, authorization });
}

// An index of several platforms comes first: its digest is the same on every host.
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Returns the value of the Authorization header, or why there is none. */
async function meet(
  challenge: Challenge,
  url: string,
  { request, reference, credentials }: Inquiry,
): Promise<string | undefined | Resolution> {
  const basic = credentials && basicAuthorization(credentials);
  if (challenge.scheme === 'basic') return basic;
  const tokenUrl = buildTokenUrl(challenge, url, reference);
  if (tokenUrl === undefined)
    return {
      kind: 'unreachable',
      reason: `it wants tokens of ${challenge.realm}, which is not an https URL`,
    };
  const json = 'application/json';
  const response = await request({ url: tokenUrl, method: 'GET', accept: json, authorization: basic });
  if (response.status !== 200) return describeFailure(response);
  const token = readToken(response.body);
  return token === undefined
    ? { kind: 'unreachable', reason: `${new URL(tokenUrl).host} sends no token` }
    : `Bearer ${token}`;
}

function basicAuthorization({ user, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;
}

/** Returns undefined for a realm to which the credentials would be sent unencrypted. */
function buildTokenUrl(
  { realm, service, scope }: Challenge & { readonly scheme: 'bearer' },
  registryUrl: string,
  { repository }: ImageReference,
): string | undefined {
  if (!URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && registryUrl.startsWith('http:'));
  if (!isSafe || url.username !== '') return undefined;
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope ?? `repository:${repository}:pull`);
  return url.href;
}

function readToken(body: Buffer): string | undefined {
  const { token, access_token: other } = parseObject(body);
  return [token, other].find((found) => typeof found === 'string' && found !== '') as string | undefined;
}

interface Attempt {
  readonly url: string;
  readonly request: Requester;
  readonly authorization: string | undefined;
}

/** Decides by the response to a HEAD request, which does not count as a pull but has no body. */
async function conclude(
  head: RegistryResponse,
  { url, request, authorization }: Attempt,
): Promise<Resolution> {
  if (head.status === 200 && head.digest !== undefined) return { kind: 'found', digest: head.digest };
  const response = await request({ url, method: 'GET', accept, authorization });
  if (response.status !== 200) return describeFailure(response);
  const computed = `sha256:${createHash('sha256').update(response.body).digest('hex')}`;
  return { kind: 'found', digest: response.digest ?? computed };
}

function describeFailure({ status, body }: RegistryResponse): Resolution {
  const said = readErrors(body);
  if (status === 401 || status === 403) return { kind: 'denied', said: orStatus(said, status) };
  if (status === 404) return { kind: 'missing', said: orStatus(said, status) };
  return { kind: 'unreachable', reason: `it answers with ${status}${said[0] ? `: ${said[0]}` : ''}` };
}

/** Reads the errors of a response: `{"errors": [{"code": …, "message": …}]}`. */
function readErrors(body: Buffer): string[] {
  const { errors, details } = parseObject(body);
  if (typeof details === 'string') return [details];
  if (!Array.isArray(errors)) return [];
  return errors.slice(0, 5).flatMap((error: unknown) => {
    if (typeof error !== 'object' || error === null) return [];
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    return [[code, message].filter((part) => typeof part === 'string' && part !== '').join(': ')];
  });
}

function orStatus(said: readonly string[], status: number): readonly string[] {
  return said.length > 0 ? said : [`the registry answers with ${status}`];
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
