import type { Command } from './command.ts';

/** Prints the nodes of the host's k3s cluster; exits 1 on a host without one. */
export function listClusterNodes(): Command {
  return { words: ['scheduler-k3s:cluster:list', '--format', 'json'] };
}
