/** A page of an app: its path and its URL. */
export interface PageLink {
  readonly path: string;
  readonly url: string;
}

/** Returns the links to pages of an app by their paths; none without a URL that a browser can open. */
export function linkPages(paths: readonly string[], appUrl: string | undefined): readonly PageLink[] {
  if (appUrl === undefined || appUrl.includes('*')) return [];
  return paths.flatMap((text) => {
    const path = `/${text.replace(/^[/\\]+/, '')}`;
    const url = URL.parse(`${appUrl.replace(/\/+$/, '')}${path}`);
    return url && /^https?:$/.test(url.protocol) ? [{ path, url: url.href }] : [];
  });
}
