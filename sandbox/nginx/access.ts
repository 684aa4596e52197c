import { createHash } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { ownProperty } from '../host/app-properties.ts';
import type { ProxySite } from '../host/proxy-site.ts';
import type { App } from '../host/state.ts';

/** A request as nginx's access rules see it. */
export interface AccessRequest {
  readonly path: string;
  /** As the client sent it, with the port. */
  readonly host: string;
  readonly address: string;
  readonly authorization: string | undefined;
  /** Whether it came by HTTPS. */
  readonly isSecure: boolean;
  /** The length of its body in bytes, as the client declares it. */
  readonly length: number;
}

/** An answer that nginx gives itself. */
export interface AccessAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/**
 * Returns nginx's answer to a request that it doesn't pass to the app, because of its size, the redirect to HTTPS, http-auth or
 * maintenance mode: in the order in which nginx looks at them. The page of the maintenance mode is a location of its own, so
 * it replaces the redirect, and http-auth comes before it.
 */
export function answerInstead(site: ProxySite, app: App, request: AccessRequest): AccessAnswer | undefined {
  const { path, host, length, isSecure } = request;
  const isInMaintenance =
    site.parts.has('maintenance.conf') && !path.startsWith('/.well-known/acme-challenge');
  if (site.maxBody > 0 && length > site.maxBody)
    return { status: 413, headers: {}, text: 'request entity too large\n' };
  if (site.isRedirected && !isSecure && !isInMaintenance)
    return { status: 301, headers: { location: `https://${host}${path}` }, text: 'moved permanently\n' };
  const denied = checkAccess(site, app, request);
  if (denied || !isInMaintenance) return denied;
  return { status: 503, headers: {}, text: `${app.name} is in maintenance\n` };
}

function checkAccess(site: ProxySite, app: App, request: AccessRequest): AccessAnswer | undefined {
  const rules = site.parts.get('http-auth.conf') ?? '';
  const allowed = [...rules.matchAll(/^allow (\S+);$/gm)].map(([, address = '']) => address);
  const asksForLogin = rules.includes('auth_basic_user_file');
  if (allowed.length === 0 && !asksForLogin) return undefined;
  if (allowed.some((entry) => containsAddress(entry, request.address))) return undefined;
  if (!asksForLogin) return { status: 403, headers: {}, text: 'forbidden\n' };
  if (isKnownUser(app, request.authorization)) return undefined;
  const headers = { 'www-authenticate': 'Basic realm="Restricted"' };
  return { status: 401, headers, text: 'authorization required\n' };
}

function containsAddress(entry: string, address: string): boolean {
  const [network = '', bits] = entry.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  if (bits === undefined) list.addAddress(network, family);
  else list.addSubnet(network, Number(bits), family);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function isKnownUser(app: App, authorization: string | undefined): boolean {
  const [scheme, encoded = ''] = (authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return false;
  const [name = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  return usersOf(app).includes(formatUser(name, password));
}

/** Returns the lines of an app's htpasswd file. */
export function usersOf(app: App): string[] {
  return ownProperty(app, 'http-auth', 'htpasswd')
    .split('\n')
    .filter((line) => line !== '');
}

/** Returns a line of an htpasswd file. */
export function formatUser(name: string, password: string): string {
  return `${name}:${createHash('sha512').update(`${name}:${password}`).digest('base64')}`;
}
