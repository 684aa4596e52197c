import { lookUp } from './expansion.ts';
import type { Resolver } from './resolver.ts';

/** What a value has instead of the app's host until the host was asked. No host has such a name (RFC 2606). */
export const hostStandIn = 'app-host.dokku-deploy.invalid';

/**
 * Returns a resolver that knows $APP_HOST and $APP_URL. The host is the first declared domain that is one host. Without declared
 * domains, Dokku chooses it, and values wait for it. The scheme is known only if `tls` is declared. A variable of the job takes
 * precedence.
 */
export function addAddress(
  entries: Readonly<Record<string, unknown>>,
  domains: readonly string[],
  resolver: Resolver,
): Resolver {
  // Dokku gives no domain to an app without a proxy.
  const isChosenByHost = entries.domains === undefined && entries.proxy !== false;
  if (isChosenByHost && lookUp(resolver.env, 'APP_HOST') === undefined)
    return { ...resolver, address: { variables: describeAddress(hostStandIn, entries.tls), values: [] } };
  const host = isChosenByHost
    ? lookUp(resolver.env, 'APP_HOST')
    : domains.find((domain) => !domain.startsWith('*'));
  if (host === undefined) return resolver;
  const known = Object.entries(describeAddress(host, entries.tls)).filter(
    ([name]) => resolver.added?.has(name) || lookUp(resolver.env, name) === undefined,
  );
  return {
    ...resolver,
    env: { ...resolver.env, ...Object.fromEntries(known) },
    added: new Set([...(resolver.added ?? []), ...known.map(([name]) => name)]),
  };
}

function describeAddress(host: string, tls: unknown): Record<string, string> {
  const scheme = tls === undefined ? undefined : tls === 'none' ? 'http' : 'https';
  return { APP_HOST: host, ...(scheme === undefined ? {} : { APP_URL: `${scheme}://${host}` }) };
}
