import type { ProxySite } from '../host/proxy-site.ts';

/** Returns the site that nginx serves for a host name: the first exact name, otherwise the longest wildcard. */
export function findSite<Site extends Pick<ProxySite, 'names'>>(
  sites: readonly Site[],
  hostName: string,
): Site | undefined {
  const exact = sites.find(({ names }) => names.includes(hostName));
  if (exact) return exact;
  const labels = hostName.split('.');
  for (let at = 1; at < labels.length; at += 1) {
    const wildcard = `*.${labels.slice(at).join('.')}`;
    const found = sites.find(({ names }) => names.includes(wildcard));
    if (found) return found;
  }
  return undefined;
}
