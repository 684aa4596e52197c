import type { ServerBlock } from './server-blocks.ts';

interface NameProblems {
  readonly warnings: readonly string[];
  readonly error: string | undefined;
}

// Recorded: a label of 64 characters is accepted; one of 245 makes nginx reject its whole configuration. The exact limit
// depends on the host's server_names_hash_bucket_size. The sandbox uses a length that no host name can have.
const longestLabel = 128;

/**
 * Checks the server names of all servers per address, as nginx does when it builds its table of names: a repeated name is
 * a warning, an invalid one an error. nginx only builds the table for an address that several servers share; `sharedPorts`
 * are also used by another server.
 */
export function nameProblems(servers: readonly ServerBlock[], sharedPorts: readonly string[]): NameProblems {
  const warnings: string[] = [];
  const ports = [...new Set(servers.flatMap(({ ports: own }) => own))];
  for (const port of ports) {
    const sharing = servers.filter(({ ports: own }) => own.includes(port));
    if (sharing.length + (sharedPorts.includes(port) ? 1 : 0) < 2) continue;
    const names = sharing.flatMap(({ names: own }) => own.map((name) => name.toLowerCase()));
    for (const address of [`0.0.0.0:${port}`, `[::]:${port}`]) {
      const seen = new Set<string>();
      for (const name of names) {
        if (isInvalidName(name))
          return { warnings, error: `invalid server name or wildcard "${name}" on ${address}` };
        if (seen.has(name)) warnings.push(`conflicting server name "${name}" on ${address}, ignored`);
        seen.add(name);
      }
    }
    if (names.some((name) => name.split('.').some((label) => label.length > longestLabel))) {
      const error =
        'could not build server_names_hash, you should increase server_names_hash_bucket_size: 64';
      return { warnings, error };
    }
  }
  return { warnings, error: undefined };
}

/** nginx accepts one wildcard, at the start or at the end, and no empty label (`ngx_hash_add_key`). */
function isInvalidName(name: string): boolean {
  if (name.includes('..') || name.split('*').length > 2) return true;
  return name.includes('*') && !/^\*\../.test(name) && !/.\.\*$/.test(name);
}
