import { plugins } from './addons.ts';
import type { AppEnv } from './app-env.ts';
import { checkConfigKey } from './config-keys.ts';
import type { Inheritance, ServiceSpec } from './context.ts';
import { checkEnvironmentAppName } from './name-rules.ts';
import { type Resolver, resolveText } from './resolver.ts';
import type { Configuration } from './schema.ts';
import { serviceUrlKey } from './service-urls.ts';

/** What else sets the configuration of the app that inherits. */
interface InheritInput {
  readonly app: string;
  readonly appEnv: AppEnv;
  readonly services: readonly ServiceSpec[];
}

/**
 * Returns what an app takes from the configuration of another app. Adds a problem for a key that must not be inherited by its
 * name: a service's URL, or what Dokku and this tool write themselves.
 */
export function resolveInherit(
  entry: NonNullable<Configuration['inherit']>,
  input: InheritInput,
  resolver: Resolver,
): Inheritance {
  const keys = [...new Set(entry.keys)];
  const app = resolveText(entry.app, 'inherit.app', resolver);
  const wrongName = app === input.app ? 'is the app itself' : checkEnvironmentAppName(app);
  const where = `${resolver.path}: inherit`;
  if (wrongName !== undefined && !app.includes('$')) {
    const message = `${JSON.stringify(app)} ${wrongName}`;
    resolver.problems.push({ where: `${where}.app`, message, remedy: 'Name another app of the same host.' });
  }
  for (const key of keys) {
    const wrong = checkInheritedKey(key, input);
    if (wrong)
      resolver.problems.push({
        where: `${where}.keys`,
        message: `${key}: ${wrong.message}`,
        remedy: wrong.remedy,
      });
  }
  return { app, keys };
}

function checkInheritedKey(
  key: string,
  { appEnv, services }: InheritInput,
): ReturnType<typeof checkConfigKey> {
  const setBy = appEnv.get(key);
  if (setBy !== undefined) return { message: `it is also set in ${setBy}`, remedy: 'Remove one of them.' };
  if (isServiceKey(key) || services.some((service) => serviceUrlKey(service) === key)) {
    return {
      message: 'it is the URL of a service, and another app’s data must not be shared this way',
      remedy: 'Give the app its own service: services.',
    };
  }
  return key.startsWith('DOKKU_')
    ? { message: 'Dokku and dokku-deploy write keys with DOKKU_ themselves', remedy: 'Remove it.' }
    : checkConfigKey(key);
}

/** The variables that the service plugins write. */
function isServiceKey(key: string): boolean {
  const [, prefix] = /(?:^|_)([A-Z]+)_URL$/i.exec(key) ?? [];
  return prefix !== undefined && (prefix.toUpperCase() === 'DATABASE' || plugins.has(prefix.toLowerCase()));
}
