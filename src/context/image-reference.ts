/** The name of an image in a registry. */
export interface ImageReference {
  /** As written, without tag and digest: what Docker takes as the name. */
  readonly name: string;
  /** The registry's host and port: `docker.io` if the name has none. */
  readonly server: string;
  /** The path in the registry's API: `library/alpine` for `alpine`. */
  readonly repository: string;
  /** `latest` if the name has neither tag nor digest. */
  readonly tag: string | undefined;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string | undefined;
}

/** Docker's own registry, under its different names. */
export const dockerHub = 'docker.io';

/**
 * Reads an image's name by the grammar of github.com/distribution/reference. Returns undefined for a name that Docker
 * refuses: with upper case in the path, for example.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const [, name = '', tag, digest] = wholeName.exec(text) ?? [];
  const [first = '', ...others] = name.split('/');
  // A first part without a dot and a colon is a part of the path, as in `library/alpine`.
  const hasServer = others.length > 0 && /[.:]|^localhost$/.test(first);
  const path = hasServer ? others.join('/') : name;
  if (path === '' || path.length > 255 || !path.split('/').every((part) => pathPart.test(part)))
    return undefined;
  if (hasServer && !serverName.test(first)) return undefined;
  const server = hasServer && !hubNames.has(first) ? first : dockerHub;
  const repository = server === dockerHub && !path.includes('/') ? `library/${path}` : path;
  return {
    name,
    server,
    repository,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

const wholeName = /^([^@\s]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;
const pathPart = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const serverName =
  /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(:\d+)?$/;
const hubNames = new Set([dockerHub, 'index.docker.io', 'registry-1.docker.io']);

/** Returns the name of the image with this digest: the same content always has the same name. */
export function nameByDigest({ name }: ImageReference, digest: string): string {
  return `${name}@${digest}`;
}

/** Returns the name of an image as Docker takes it, with the tag that it would assume. */
export function fullName({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
