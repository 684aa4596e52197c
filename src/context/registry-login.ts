import { Secret } from '../secret.ts';
import type { RegistryEntry } from '../settings/registry.ts';
import type { RegistryLogin, Warning } from './context.ts';
import { type Resolver, resolveText } from './resolver.ts';

/** The name of the registry's password in the vault. */
export const registryPassword = 'registry.password';

/**
 * Returns the login that the host gets by the entry `registry`, and puts its password into the vault; undefined for a registry without one. Adds a problem for
 * a value that cannot be sent, and a warning for one that is only valid until the job ends. The setting `registry` checks the rest.
 */
export function resolveRegistry(
  settings: Readonly<Record<string, unknown>>,
  resolver: Resolver,
  warnings: Warning[],
): RegistryLogin | undefined {
  const registry = settings.registry as RegistryEntry | undefined;
  if (!registry?.server || !registry.user || !registry.password) return undefined;
  const resolve = (key: 'server' | 'user' | 'password') =>
    resolveText(registry[key] ?? '', `registry.${key}`, resolver).trim();
  const [server, user] = [resolve('server'), resolve('user')];
  const password = new Secret(registryPassword, resolve('password'));
  checkText(password.reveal(), 'password', resolver);
  checkText(user, 'user', resolver);
  resolver.vault.set(registryPassword, password);
  if (jobToken.test(registry.password) || user === 'gitlab-ci-token')
    warnings.push({ about: `${resolver.path}: registry`, message: jobTokenWarning });
  return { server, user, password };
}

/** Dokku reads the password to its end and takes one line; a user that begins with a dash would be a flag. */
function checkText(text: string, key: 'user' | 'password', { problems, path }: Resolver): void {
  const isWrong = /[\r\n\0]/.test(text) || (key === 'user' && /^-|[\s:]/.test(text));
  if (!isWrong) return;
  problems.push({
    where: `${path}: registry.${key}`,
    message: key === 'user' ? 'is not the name of a user' : 'has more than one line',
    remedy: 'Check the variable that it refers to.',
  });
}

const jobToken = /\$\{?(CI_JOB_TOKEN|CI_REGISTRY_PASSWORD)\b/;

const jobTokenWarning =
  'a job’s token is only valid until the job ends: the host can pull nothing with it afterwards. Use a deploy token with the scope read_registry';
