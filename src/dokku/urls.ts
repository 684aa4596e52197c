/** Returns an app's URLs, the one to show first: https before http, and a name that can be opened before a wildcard. */
export function orderUrls(urls: readonly string[]): string[] {
  const rank = (url: string): number => (url.includes('*') ? 2 : 0) + (url.startsWith('https:') ? 0 : 1);
  return urls.toSorted((one, other) => rank(one) - rank(other));
}
