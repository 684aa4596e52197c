/** What the last job of a release signs: by digest, since a tag can be moved. */
export interface ReleasedImages {
  /** The image for all architectures: `registry.example.com/tools/dokku-deploy/dokku-deployer@sha256:…`. */
  readonly image: string;
  /** The image of each architecture, and its name in the SBOM's file. */
  readonly parts: readonly { readonly arch: string; readonly image: string }[];
}

/** How things are signed: with a key, or with the job's identity, which a public log records. */
export type SigningMethod = 'key' | 'keyless' | 'none';

/**
 * Returns how to sign, from the job's variables: with the key in COSIGN_PRIVATE_KEY if there is one, else with the job's identity where
 * sigstore accepts GitLab's (gitlab.com), or where DOKKU_DEPLOY_KEYLESS=true says that the instance's own sigstore does.
 */
export function chooseSigningMethod(env: Readonly<Record<string, string | undefined>>): SigningMethod {
  if (env.COSIGN_PRIVATE_KEY) return 'key';
  const isAccepted = env.CI_SERVER_HOST === 'gitlab.com' || env.DOKKU_DEPLOY_KEYLESS === 'true';
  return isAccepted && env.SIGSTORE_ID_TOKEN ? 'keyless' : 'none';
}

/** The signature of the checksums, which cover the binaries. */
export const sumsBundle = 'dist/SHA256SUMS.bundle';

/** Returns the arguments of each call of cosign: sign the images, attest their SBOMs, sign the checksums. */
export function listSigningCommands(
  { image, parts }: ReleasedImages,
  method: Exclude<SigningMethod, 'none'>,
): readonly (readonly string[])[] {
  // A private instance does not publish its images' names in sigstore's public log.
  const how = method === 'key' ? ['--key', 'env://COSIGN_PRIVATE_KEY', '--tlog-upload=false'] : [];
  return [
    ...[image, ...parts.map((part) => part.image)].map((name) => ['sign', '--yes', ...how, name]),
    ...parts.map((part) => [
      ...['attest', '--yes', ...how, '--type', 'cyclonedx'],
      ...['--predicate', `dist/dokku-deployer-${part.arch}.cdx.json`, part.image],
    ]),
    ['sign-blob', '--yes', ...how, '--bundle', sumsBundle, 'dist/SHA256SUMS'],
  ];
}
