import type { JobInput } from '../environment/job-input.ts';
import type { Variables } from '../environment/variables.ts';
import { Secret } from '../secret.ts';
import type { RegistryCredentials, Shipment } from './context.ts';
import { type Resolver, resolveText } from './env-and-services.ts';
import type { Flags } from './flags.ts';
import { fullName, parseImageReference } from './image-reference.ts';
import type { Configuration } from './schema.ts';

interface ShipmentInput {
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

/** Returns what the job ships. A flag takes precedence over the file. Adds a problem for an image that has no valid name. */
export function resolveShipment(
  { flags, jobInput }: ShipmentInput,
  { source = {} }: Configuration,
  resolver: Resolver,
): Shipment {
  const template = flags.image ?? source.image;
  if (template === undefined) return { kind: 'commit' };
  const isFlag = flags.image !== undefined;
  const where = isFlag ? '--image' : `${resolver.path}: source.image`;
  if (!isFlag) checkOtherKeys(source, resolver);
  const problemCount = resolver.problems.length;
  const name = isFlag ? template.trim() : resolveText(template, 'source.image', resolver).trim();
  if (resolver.problems.length > problemCount) return { kind: 'commit' };
  const reference = parseImageReference(name);
  if (reference === undefined) {
    resolver.problems.push({
      where,
      message: `${JSON.stringify(name.slice(0, 200))} is not the name of an image`,
      remedy: 'Write it as Docker does, in lower case: registry.example.com/group/app:tag.',
    });
    return { kind: 'commit' };
  }
  const credentials = findCredentials(reference.server, jobInput.variables);
  return { kind: 'image', reference, image: fullName(reference), credentials };
}

/** Keys that choose files of the commit would silently do nothing beside an image. */
function checkOtherKeys(source: NonNullable<Configuration['source']>, { problems, path }: Resolver): void {
  const unused = (['dir', 'history', 'include', 'exclude', 'submodules'] as const).filter(
    (key) => source[key] !== undefined,
  );
  for (const key of unused) {
    problems.push({
      where: `${path}: source.${key}`,
      message: 'has no effect on an image: nothing of the commit is shipped',
      remedy: `Remove source.${key}, or source.image.`,
    });
  }
}

/** GitLab's credentials are for GitLab's own registry, and no other one may see them. */
function findCredentials(server: string, variables: Variables): RegistryCredentials | undefined {
  if (server !== variables.CI_REGISTRY) return undefined;
  return (
    makeCredentials(variables.CI_DEPLOY_USER, variables.CI_DEPLOY_PASSWORD, 'CI_DEPLOY_PASSWORD') ??
    makeCredentials(variables.CI_REGISTRY_USER, variables.CI_REGISTRY_PASSWORD, 'CI_REGISTRY_PASSWORD')
  );
}

function makeCredentials(
  user: string | undefined,
  password: string | undefined,
  name: string,
): RegistryCredentials | undefined {
  return user === undefined || password === undefined
    ? undefined
    : { user, password: new Secret(name, password) };
}
