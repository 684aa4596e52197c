import { createHash } from 'node:crypto';

/**
 * The longest app name that this tool makes. With `-database` behind it a Postgres service's name stays within what its
 * container's host name allows; and a host name's label stays far below 63, beyond which nginx fails for every app.
 */
export const maxAppNameLength = 40;

/** CI_COMMIT_REF_SLUG as GitLab makes it: lower case, other characters to dashes, 63 long, no dash at an end. */
export function slugify(ref: string): string {
  return ref
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

interface NameIdentity {
  /** The whole branch, tag or environment. */
  readonly ref: string;
  readonly project: string;
}

/**
 * A name as an app may bear it: lower case letters, digits and dashes, none at an end, at most `maxAppNameLength` long, no dot
 * (it would drop the global domain). A name that had to be changed gets a hash of the whole ref and project, so that the
 * same ref always has the same name, and two such refs never share one.
 */
export function deriveAppName(requested: string, { ref, project }: NameIdentity): string {
  const clean = requested
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '');
  return clean === requested && clean !== '' && clean.length <= maxAppNameLength
    ? requested
    : truncateWithHash(clean, maxAppNameLength, ref, project);
}

/** A name cut to a length, with a hash of what it stands for behind it. */
function truncateWithHash(name: string, maxLength: number, ...identity: readonly string[]): string {
  const hash = shortHash(...identity);
  const head = name.slice(0, maxLength - hash.length - 1).replace(/-+$/, '');
  return head === '' ? `app-${hash}` : `${head}-${hash}`;
}

function shortHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8);
}

/** What is wrong with an app's name that somebody chose; undefined for a good one. */
export function checkAppName(name: string): string | undefined {
  if (name.includes('.')) return 'has a dot: Dokku would drop the host’s global domain from its URL';
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    return 'may have only lower case letters, digits and dashes, and begins with no dash';
  if (name.endsWith('-')) return 'ends with a dash, which no host name may';
  if (name.length > 63) return 'is longer than 63 characters: it would break nginx for every app of the host';
  return undefined;
}

/** A service's name for an app, cut with a hash where the plugin could not make its container. */
export function deriveServiceName(app: string, suffix: string, plugin: string): string {
  const name = suffix === '' ? app : `${app}-${suffix}`;
  const maxLength = maxServiceNameLength(plugin);
  return name.length <= maxLength ? name : truncateWithHash(name, maxLength, name);
}

/** What a service's name may be long: the container's host name `dokku.<plugin>.<name>` ends at 64 characters. */
export function maxServiceNameLength(plugin: string): number {
  return 64 - `dokku.${plugin}.`.length;
}
