/** Returns an app's URLs, the one to show first: https before http, and a name that can be opened before a wildcard. */
export function orderUrls(urls: readonly string[]): string[] {
  const rank = (url: string): number => (url.includes('*') ? 2 : 0) + (url.startsWith('https:') ? 0 : 1);
  return urls.toSorted((one, other) => rank(one) - rank(other));
}

/**
 * Whether an app with these domains may have this URL. Dokku serves an app without domains at the host's name and a port.
 */
export function isServedUrl(url: string | undefined, domains: readonly string[]): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { hostname, port } = new URL(url);
  if (domains.length === 0) return port !== '';
  return domains.some((domain) => domain.toLowerCase() === hostname);
}
