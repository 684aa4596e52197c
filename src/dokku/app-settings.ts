import type { Command } from './command.ts';

/** Prints an app's domains and the host's global ones (JSON from Dokku 0.38). */
export function reportDomains(app: string): Command {
  return { words: ['domains:report', app, '--format', 'json'] };
}

/** Prints a table with the global domains of the host. */
export function reportGlobalDomains(): Command {
  return { words: ['domains:report', '--global'] };
}

/** The domains of an app, compared with those that `apps:create` gives to it. */
export interface Domains {
  /** Domains that someone added. */
  readonly added: readonly string[];
  /** Default domains that it does not have: someone removed them, or its creation is still running. */
  readonly missing: readonly string[];
}

/** Reads the answer of `reportDomains`. Throws a SyntaxError for anything else. */
export function readDomains(app: string, json: string): Domains {
  const report = parseObject(json);
  const own = splitWords(report.get('app-vhosts'));
  const defaults = defaultDomains(app, splitWords(report.get('global-vhosts')));
  return {
    added: own.filter((domain) => !defaults.includes(domain)),
    missing: defaults.filter((domain) => !own.includes(domain)),
  };
}

/**
 * Returns the domains that `apps:create` gives to an app: its name below each global domain. It gives none below an IP address, and
 * to an app with a dot in its name that name.
 */
export function defaultDomains(app: string, global: readonly string[]): string[] {
  return global
    .filter((domain) => !isAddress(domain))
    .map((domain) => (app.includes('.') ? app : `${app}.${domain}`.toLowerCase()));
}

/** Whether a global domain is an IP address: Dokku gives apps no domain below one. */
function isAddress(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text) || text.includes(':');
}

function parseObject(json: string): Map<string, unknown> {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SyntaxError('the report is not a JSON object');
  }
  return new Map(Object.entries(parsed));
}

function splitWords(value: unknown): string[] {
  if (typeof value !== 'string') throw new SyntaxError('a value of the report is not a text');
  return value.split(/\s+/).filter((word) => word !== '');
}

/** Prints the folders and volumes mounted into an app, as a JSON list. */
export function listMounts(app: string): Command {
  return { words: ['storage:list', app, '--format', 'json'] };
}

/** Returns how many mounts an app has. Throws a SyntaxError for anything but a JSON list. */
export function countMounts(json: string): number {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) throw new SyntaxError('the mounts are not a JSON list');
  return parsed.length;
}

/** Prints the port mappings that were set for an app; exits 1 when none was. */
export function listPorts(app: string): Command {
  return { words: ['ports:list', app] };
}

/** What `listPorts` prints on standard error when none was set. */
export const noPorts = /No port mappings configured/;

/** Prints the Docker options of an app, with the links of its services among them (JSON from Dokku 0.38). */
export function reportDockerOptions(app: string): Command {
  return { words: ['docker-options:report', app, '--format', 'json'] };
}

/** Whether the answer of `reportDockerOptions` names any option. Throws a SyntaxError for anything else. */
export function hasDockerOptions(json: string): boolean {
  const report = parseObject(json);
  return ['build', 'deploy', 'run'].some(
    (phase) => splitWords(report.get(`docker-options-${phase}`) ?? report.get(phase)).length > 0,
  );
}

/** Prints `true` or `false`: whether an app has a certificate of its own. */
export function hasCertificate(app: string): Command {
  return { words: ['certs:report', app, '--ssl-enabled'] };
}

/** Prints when an app was created, in seconds since the epoch; nothing once its removal has begun (Dokku 0.38). */
export function appCreatedAt(app: string): Command {
  return { words: ['apps:report', app, '--app-created-at'] };
}

/** Prints the names of all apps, one per line. */
export function listApps(): Command {
  return { words: ['apps:list'], quiet: true };
}
