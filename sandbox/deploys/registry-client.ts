/**
 * The sandbox's Docker reaches registries on this machine only, by HTTP, with basic authentication or none. The errors are those of
 * Docker 20.10.
 */
export interface RegistryLogin {
  /** `127.0.0.1:5000` */
  readonly server: string;
  /** base64 of `user:password`; undefined without a login. */
  readonly basic: string | undefined;
}

/** Docker's message for a request that failed, without `Error response from daemon: `. */
export class RegistryError extends Error {}

/** Whether the sandbox can reach a registry. */
export function isLocalRegistry(server: string): boolean {
  return /^(127\.[\d.]+|localhost)(:\d+)?$/.test(server);
}

/** Checks a login. Throws RegistryError. */
export async function checkLogin({ server, basic }: RegistryLogin): Promise<void> {
  const url = `http://${server}/v2/`;
  const response = await request('GET', url, { server, basic });
  await response.body?.cancel();
  if (response.ok) return;
  throw new RegistryError(
    `login attempt to ${url} failed with status: ${response.status} ${response.statusText}`,
  );
}

/** Fetches a manifest of one platform by its tag or digest. Throws RegistryError. */
export async function fetchManifest(login: RegistryLogin, repository: string, reference: string) {
  const url = `http://${login.server}/v2/${repository}/manifests/${reference}`;
  const response = await request('GET', url, login);
  if (response.status === 401) throw new RegistryError(`Head "${url}": no basic auth credentials`);
  if (!response.ok) {
    const name = `${login.server}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
    throw new RegistryError(`manifest for ${name} not found: manifest unknown: manifest unknown`);
  }
  return (await response.json()) as Manifest;
}

export interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** Fetches a configuration or a layer. Throws RegistryError. */
export async function fetchBlob(login: RegistryLogin, repository: string, digest: string): Promise<Buffer> {
  const response = await request('GET', `http://${login.server}/v2/${repository}/blobs/${digest}`, login);
  if (!response.ok) throw new RegistryError(`blob unknown to registry: ${digest}`);
  return Buffer.from(await response.arrayBuffer());
}

const accept = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
].join(', ');

async function request(method: string, url: string, { basic }: RegistryLogin): Promise<Response> {
  const headers = { accept, ...(basic && { authorization: `Basic ${basic}` }) };
  try {
    return await fetch(url, { method, headers });
  } catch {
    const { host } = new URL(url);
    throw new RegistryError(`Get "http://${host}/v2/": dial tcp ${host}: connect: connection refused`);
  }
}
