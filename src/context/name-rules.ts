import { createHash } from 'node:crypto';

/**
 * The longest app name that this tool makes. With `-database` after it, a Postgres service's container still gets a
 * valid host name; and a label stays well below 63 characters, beyond which nginx fails for every app of the host.
 */
export const maxAppNameLength = 40;

/** Makes CI_COMMIT_REF_SLUG as GitLab does: lower case, dashes for other characters, at most 63, no dash at either end. */
export function slugify(ref: string): string {
  return ref
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

/**
 * Makes a valid app name: lower case letters, digits and dashes, no dash at either end, at most `maxAppNameLength`
 * long, no dot (Dokku would drop the global domain). A name that had to be changed gets a hash of `identity`, the full
 * names of what the app is for: the same ones always give the same name, and no two of them share one.
 */
export function deriveAppName(requested: string, identity: readonly string[]): string {
  const clean = cleanAppName(requested);
  return clean === requested && clean !== '' && clean.length <= maxAppNameLength
    ? requested
    : hashAppName(requested, identity);
}

/** Makes a valid app name that has a hash of `identity` in any case. */
export function hashAppName(requested: string, identity: readonly string[]): string {
  return truncateWithHash(cleanAppName(requested), maxAppNameLength, ...identity);
}

function cleanAppName(requested: string): string {
  return requested
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Cuts a name to a length, and appends a hash of what it stands for. */
function truncateWithHash(name: string, maxLength: number, ...identity: readonly string[]): string {
  const hash = shortHash(...identity);
  const head = name.slice(0, maxLength - hash.length - 1).replace(/-+$/, '');
  return head === '' ? `app-${hash}` : `${head}-${hash}`;
}

function shortHash(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 8);
}

/** Returns what is wrong with a name that a user chose for a review app; undefined for a valid one. */
export function checkAppName(name: string): string | undefined {
  if (name.includes('.')) return 'has a dot: Dokku would leave the host’s global domain out of its URL';
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
    return 'may have only lower case letters, digits and dashes, and must not begin with a dash';
  if (name.endsWith('-')) return 'ends with a dash, which a host name must not';
  if (name.length > 63) return 'is longer than 63 characters: it would break nginx for every app of the host';
  return undefined;
}

// A name of 245 characters was seen to break nginx for every app of the host; with a global domain, 128 is well below.
const maxEnvironmentAppNameLength = 128;

/**
 * Returns what is wrong with a name that a user chose for an environment's app; undefined for one that an existing app
 * can have: its domain (`shop.example.com`), or a name with underscores from before Dokku 0.22.
 */
export function checkEnvironmentAppName(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name)) {
    return 'may have only lower case letters, digits, dashes, dots and underscores, and must begin with a letter or digit';
  }
  return name.length > maxEnvironmentAppNameLength
    ? `is longer than ${maxEnvironmentAppNameLength} characters: it could break nginx for every app of the host`
    : undefined;
}

/**
 * Makes a service's name for an app. A name that is too long for the plugin's container, or has a dot from the app's
 * name, is changed and gets a hash.
 */
export function deriveServiceName(app: string, suffix: string, plugin: string): string {
  const name = suffix === '' ? app : `${app}-${suffix}`;
  const maxLength = maxServiceNameLength(plugin);
  return name.length <= maxLength && !name.includes('.')
    ? name
    : truncateWithHash(name.replaceAll('.', '-'), maxLength, name);
}

/** Returns the longest service name: the container's host name `dokku.<plugin>.<name>` has at most 64 characters. */
export function maxServiceNameLength(plugin: string): number {
  return 64 - `dokku.${plugin}.`.length;
}
