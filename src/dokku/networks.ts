import type { Command } from './command.ts';

/** Prints the networks of the host as a JSON list. */
export function listNetworks(): Command {
  return { words: ['network:list', '--format', 'json'] };
}

/** Creates a network; exits 1 if there is one of that name. */
export function createNetwork(name: string): Command {
  return { words: ['network:create', name] };
}
