/** How long a push that deploys takes, from its first byte to the URL, in milliseconds. */
export const deployPace = 25_000;

/**
 * How long commands took on the recorded host over an open connection, in milliseconds (Dokku 0.38.27, two cores, group
 * `timing` of the recordings). The first pattern that matches applies.
 */
const recorded: readonly (readonly [command: RegExp, milliseconds: number])[] = [
  [/^git-receive-pack/, 515],
  [/^git:(from-archive|from-image|load-image)/, 25_000],
  [/^ps:(restart|rebuild|start)/, 24_000],
  [/^apps:(create|clone)/, 3_900],
  [/^apps:destroy/, 5_200],
  [/^(domains|ports):(add|set|remove|clear)/, 5_600],
  [/^(mysql|mariadb|postgres|redis|mongo):create/, 1_900],
  [/^(mysql|mariadb|postgres|redis|mongo):destroy/, 950],
  [/^(mysql|mariadb|postgres|redis|mongo):(link|unlink)/, 350],
  [/^(mysql|mariadb|postgres|redis|mongo):/, 90],
  [/^config:(set|unset|import|clear)/, 101],
  [/^urls?\b/, 1_090],
  [/^ps:report/, 440],
  [/^proxy:(enable|disable)/, 20_000],
];

/** How long any other command took: little more than Dokku's dispatcher itself. */
const defaultPace = 40;

/** Returns how long a command line took on the recorded host, in milliseconds. Leading global flags are ignored. */
export function lookUpPace(line: string): number {
  const command = line.trim().replace(/^(--\S+\s+)+/, '');
  return recorded.find(([pattern]) => pattern.test(command))?.[1] ?? defaultPace;
}
