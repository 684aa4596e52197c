/**
 * Returns the branch whose push deploys, from the table of `git:report`: the computed one, else the app's own, else the
 * global one, else `master` (Dokku's default).
 */
export function readDeployBranch(table: string): string {
  const row = (name: string) => new RegExp(`^\\s*${name}:[ \\t]*(\\S+)`, 'im').exec(table)?.[1];
  return (
    row('Git computed deploy branch') ??
    row('Git deploy branch') ??
    row('Git global deploy branch') ??
    'master'
  );
}

/** Reads an app's configuration from `config:export --format json`. Throws a SyntaxError for anything else. */
export function readConfig(json: string): Record<string, string> {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SyntaxError('the configuration is not a JSON object');
  }
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
}

/** Returns the URLs that `urls APP` prints, one per line. */
export function readUrls(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^https?:\/\//.test(line));
}
