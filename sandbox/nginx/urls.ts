import type { App, SandboxState } from '../host/state.ts';
import { hasCertificate, portMapsOf } from './port-maps.ts';

/**
 * Returns an app's URLs, sorted as `urls` prints them; an app without domains has those of the host. All apps are served on
 * one port of this machine, whatever their port mappings are.
 */
export function urlsOf(app: App, { domains }: Pick<SandboxState, 'domains'>, port: number): string[] {
  const own = app.vhosts ? app.domains : [];
  const names = own.length > 0 ? own : domains;
  const schemes = portMapsOf(app)
    .map(({ scheme }) => scheme)
    .filter((scheme) => scheme !== 'https' || hasCertificate(app));
  const urls = names.flatMap((name) => schemes.map((scheme) => formatUrl(scheme, name, port)));
  return [...new Set(urls)].sort();
}

/** Returns the URL that `url` prints: the first domain's, with https if there is a certificate. */
export function mainUrlOf(app: App, state: Pick<SandboxState, 'domains'>, port: number): string | undefined {
  const [name] = app.vhosts && app.domains.length > 0 ? app.domains : state.domains;
  const scheme = hasCertificate(app) ? 'https' : 'http';
  return name === undefined ? undefined : formatUrl(scheme, name, port);
}

/** Formats a URL; the default port of the scheme is omitted. */
function formatUrl(scheme: string, name: string, port: number): string {
  const isDefault = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  return `${scheme}://${name}${isDefault ? '' : `:${port}`}`;
}
