/** How long a push that deploys takes, from its first byte to the URL, in milliseconds. */
export const deployPace = 25_000;

/**
 * How long commands took on the recorded host over an open connection, in milliseconds (Dokku 0.38.27, two cores, groups
 * `timing` and `timing-2` of the recordings; the second was measured on a quieter host). The first pattern that matches
 * applies.
 */
const recorded: readonly (readonly [command: RegExp, milliseconds: number])[] = [
  [/^git-receive-pack/, 515],
  [/^git:(from-archive|from-image|load-image)/, 25_000],
  [/^ps:(restart|rebuild|start)/, 24_000],
  [/^apps:(create|clone)/, 3_900],
  [/^apps:destroy/, 5_200],
  [/^domains:(add|set|remove|clear)/, 3_813],
  [/^ports:(add|set|remove|clear)/, 3_034],
  [/^proxy:build-config/, 3_346],
  [/^(mysql|mariadb|postgres|redis|mongo):create/, 1_900],
  [/^(mysql|mariadb|postgres|redis|mongo):destroy/, 950],
  [/^(mysql|mariadb|postgres|redis|mongo):(link|unlink)/, 350],
  [/^postgres:clone/, 7_400],
  [/^redis:clone/, 3_500],
  [/^(mysql|mariadb|mongo):clone/, 4_300],
  [/^(mysql|mariadb|postgres|redis|mongo):app-links/, 100],
  [/^(mysql|mariadb|postgres|redis|mongo):/, 91],
  [/^config:(set|unset|import|clear)/, 104],
  [/^urls?\b/, 1_033],
  [/^ps:report\b.* --(deployed|restore|ps-)/, 46],
  [/^ps:report\b.* --running/, 304],
  [/^ps:report/, 556],
  [/^domains:report\b(?!.* --domains-)/, 106],
  [/^buildpacks:report/, 110],
  [/^http-auth:report/, 171],
  [/^letsencrypt:active/, 107],
  [/^letsencrypt:report/, 934],
  [/^maintenance:report/, 258],
  [/^ports:report/, 685],
  [/^scheduler-k3s:report/, 82],
  [/^logs\b/, 438],
  [/^enter\b/, 457],
  [/^run\b(?!:)/, 1_519],
  [/^proxy:(enable|disable)/, 20_000],
];

/** How long any other command took: little more than Dokku's dispatcher itself. */
const defaultPace = 40;

/** Returns how long a command line took on the recorded host, in milliseconds. Leading global flags are ignored. */
export function lookUpPace(line: string): number {
  const command = line.trim().replace(/^(--\S+\s+)+/, '');
  return recorded.find(([pattern]) => pattern.test(command))?.[1] ?? defaultPace;
}
