/**
 * Formats `.gitlab/route-map.yml` for a site whose HTML files are its pages: GitLab then links each changed file of a merge request to
 * its page. Returns undefined where pages cannot be guessed.
 */
export function formatRouteMap(folder: string, pages: readonly string[]): string | undefined {
  if (pages.length === 0) return undefined;
  const prefix = folder === '' ? '' : `${folder.replace(/[^\w/-]/g, '\\$&')}\\/`;
  return [
    '# Links each changed page of a merge request to its URL.',
    `- source: /^${prefix}(.*)index\\.html$/`,
    "  public: '\\1'",
    `- source: /^${prefix}(.+\\.html)$/`,
    "  public: '\\1'",
    '',
  ].join('\n');
}
