import type { JobInput } from '../environment/job-input.ts';
import type { Variables } from '../environment/variables.ts';
import { Secret } from '../secret.ts';
import type { RegistryCredentials, RegistryLogin, Shipment } from './context.ts';
import type { Flags } from './flags.ts';
import { fullName, parseImageReference } from './image-reference.ts';
import { type Resolver, resolveText } from './resolver.ts';
import type { SourceEntry } from './source-schema.ts';

interface ShipmentInput {
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

interface ShipmentSettings {
  readonly source: SourceEntry;
  readonly registry: RegistryLogin | undefined;
}

/** Returns what the job ships. A flag takes precedence over the file. Adds problems for what is contradictory or wrong. */
export function resolveShipment(
  { flags, jobInput }: ShipmentInput,
  { source, registry }: ShipmentSettings,
  resolver: Resolver,
): Shipment {
  const choice = readFlags(flags) ?? resolveKeys(source, resolver);
  if (choice === undefined) return { kind: 'commit' };
  return choice.key === 'image'
    ? readImage(choice, findCredentials(registry, jobInput.variables), resolver)
    : readArchive(choice, resolver);
}

/** What was chosen instead of the commit's files. */
interface Choice {
  readonly key: 'image' | 'image_archive';
  readonly where: string;
  readonly text: string;
}

function readFlags({ image, imageArchive }: Flags): Choice | undefined {
  if (image !== undefined) return { key: 'image', where: '--image', text: image.trim() };
  if (imageArchive === undefined) return undefined;
  return { key: 'image_archive', where: '--image-archive', text: imageArchive.trim() };
}

function resolveKeys(source: SourceEntry, resolver: Resolver): Choice | undefined {
  const key = source.image === undefined ? 'image_archive' : 'image';
  const template = source[key];
  if (template === undefined) return undefined;
  const { length } = resolver.problems;
  const text = resolveText(template, `source.${key}`, resolver).trim();
  checkOtherKeys(source, key, resolver);
  return resolver.problems.length > length
    ? undefined
    : { key, where: `${resolver.path}: source.${key}`, text };
}

/** Keys that choose files of the commit would silently do nothing beside an image. */
function checkOtherKeys(source: SourceEntry, chosen: string, { problems, path }: Resolver): void {
  const unused = (['dir', 'history', 'include', 'exclude', 'submodules'] as const).filter(
    (key) => source[key] !== undefined,
  );
  for (const key of unused) {
    problems.push({
      where: `${path}: source.${key}`,
      message: 'has no effect on an image: nothing of the commit is shipped',
      remedy: `Remove source.${key}, or source.${chosen}.`,
    });
  }
}

function readImage(
  { where, text: name }: Choice,
  findLogin: (server: string) => RegistryCredentials | undefined,
  resolver: Resolver,
): Shipment {
  const reference = parseImageReference(name);
  if (reference === undefined) {
    resolver.problems.push({
      where,
      message: `${JSON.stringify(name.slice(0, 200))} is not the name of an image`,
      remedy: 'Write it as Docker does, in lower case: registry.example.com/group/app:tag.',
    });
    return { kind: 'commit' };
  }
  const credentials = findLogin(reference.server);
  return { kind: 'image', reference, image: fullName(reference), credentials };
}

/**
 * Returns the function that finds the login for a registry: that of the host, else GitLab's. Each is for one registry, and no other
 * one may see it.
 */
function findCredentials(registry: RegistryLogin | undefined, variables: Variables) {
  return (server: string): RegistryCredentials | undefined => {
    if (server === registry?.server) return registry;
    if (server !== variables.CI_REGISTRY) return undefined;
    return (
      makeCredentials(variables.CI_DEPLOY_USER, variables.CI_DEPLOY_PASSWORD, 'CI_DEPLOY_PASSWORD') ??
      makeCredentials(variables.CI_REGISTRY_USER, variables.CI_REGISTRY_PASSWORD, 'CI_REGISTRY_PASSWORD')
    );
  };
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

function readArchive({ where, text: path }: Choice, { problems }: Resolver): Shipment {
  if (path === '')
    problems.push({
      where,
      message: 'is empty',
      remedy: 'Name the file of the image. If a variable names it, it has no value in this job.',
    });
  return { kind: 'image-archive', path };
}
