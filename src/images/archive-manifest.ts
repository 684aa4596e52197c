/** What an archive's manifest.json says about its only image. */
export interface ArchiveManifest {
  /** The name of its configuration in the archive. */
  readonly config: string;
  readonly layers: readonly string[];
}

/** Reads manifest.json of an archive with these names. Throws for an archive that has not exactly one image. */
export function parseArchiveManifest(text: string | undefined, names: ReadonlySet<string>): ArchiveManifest {
  if (text === undefined) {
    throw new Error(
      names.has('oci-layout')
        ? 'it is an OCI archive without a manifest.json, which the host’s Docker cannot load'
        : 'it has no manifest.json',
    );
  }
  const images = parseJson(text);
  if (!Array.isArray(images)) throw new Error('its manifest.json is not a list of images');
  if (images.length !== 1) throw new Error(`it has ${images.length} images instead of one`);
  const { Config: config, Layers: layers } = (images[0] ?? {}) as { Config?: unknown; Layers?: unknown };
  if (typeof config !== 'string' || !Array.isArray(layers) || !layers.every(isText))
    throw new Error('its manifest.json names no configuration or no layers');
  return { config, layers };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its manifest.json is not JSON');
  }
}

/** Returns manifest.json with this name for its image instead of those that it has. */
export function renameInManifest(text: string, image: string): string {
  const [only] = JSON.parse(text) as [object];
  return JSON.stringify([{ ...only, RepoTags: [image] }]);
}

/**
 * Returns index.json with this name for its image. Docker with containerd's image store reads it instead of manifest.json; the
 * annotations are those of containerd's own exporter.
 */
export function renameInIndex(text: string, image: string): string {
  const index = parseJson(text) as { readonly manifests?: readonly Descriptor[] };
  const annotations = {
    'io.containerd.image.name': image,
    'org.opencontainers.image.ref.name': image.slice(image.lastIndexOf(':') + 1),
  };
  const manifests = (index.manifests ?? []).map((manifest) => ({
    ...manifest,
    annotations: { ...manifest.annotations, ...annotations },
  }));
  return JSON.stringify({ ...index, manifests });
}

interface Descriptor {
  readonly annotations?: Readonly<Record<string, string>>;
}
