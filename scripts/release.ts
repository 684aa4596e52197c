/** What a tag's pipeline publishes, and where, from GitLab's predefined variables. */
export interface Release {
  readonly version: string;
  readonly registry: { readonly host: string; readonly user: string; readonly password: string };
  /** The image's name without a tag. */
  readonly image: string;
  /** The URL of this version's generic package: https://docs.gitlab.com/user/packages/generic_packages/ */
  readonly packages: string;
  readonly token: string;
}

const needed = [
  'CI_COMMIT_TAG',
  'CI_REGISTRY',
  'CI_REGISTRY_IMAGE',
  'CI_REGISTRY_USER',
  'CI_REGISTRY_PASSWORD',
  'CI_API_V4_URL',
  'CI_PROJECT_ID',
  'CI_JOB_TOKEN',
] as const;

/** Reads the variables of a tag's job. Throws if one is missing, or if the tag is not the version in package.json. */
export function readRelease(env: Readonly<Record<string, string | undefined>>, version: string): Release {
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0)
    throw new Error(`this runs only in the job of a tag: ${missing.join(', ')} not set`);
  const given = (name: (typeof needed)[number]): string => env[name] ?? '';
  if (given('CI_COMMIT_TAG') !== version)
    throw new Error(`the tag ${given('CI_COMMIT_TAG')} is not the version in package.json, ${version}`);
  return {
    version,
    registry: {
      host: given('CI_REGISTRY'),
      user: given('CI_REGISTRY_USER'),
      password: given('CI_REGISTRY_PASSWORD'),
    },
    image: `${given('CI_REGISTRY_IMAGE')}/dokku-deployer`,
    packages: `${given('CI_API_V4_URL')}/projects/${given('CI_PROJECT_ID')}/packages/generic/dokku-deploy/${version}`,
    token: given('CI_JOB_TOKEN'),
  };
}

/** Returns the image's tags for a version: 1.2.3 is also 1.2, 1 and latest; a pre-release (1.2.3-rc.1) has only its own tag. */
export function listTags(version: string): string[] {
  const [, minor, major] = /^((\d+)\.\d+)\.\d+$/.exec(version) ?? [];
  return minor && major ? [version, minor, major, 'latest'] : [version];
}
