import { fail, findApp } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Service } from '../host/service.ts';
import type { App, SandboxHost } from '../host/state.ts';
import type { ServiceType } from './service-types.ts';

/** A command of a service plugin. */
export interface ServiceRequest {
  readonly call: Call;
  readonly host: SandboxHost;
  readonly type: ServiceType;
}

/** Sorts names by byte, as the host's shell does. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}

/** Prints a line unless `--quiet` is set, as Dokku's `…_quiet` loggers do. */
export function printUnlessQuiet(call: Call, line: string): void {
  if (!call.quiet) call.out(`${line}\n`);
}

/** Returns the service with this name. Prints an error and returns the exit code if it doesn't exist. */
export function findService({ call, host, type }: ServiceRequest, name: string): Service | number {
  if (name === '') return fail(call, 'SERVICE must not be empty');
  return listServices(host, type).get(name) ?? fail(call, `${type.title} service ${name} does not exist`);
}

/** Returns the services of one plugin by name. */
export function listServices({ state }: SandboxHost, { plugin }: ServiceType): Map<string, Service> {
  const found = state.services.get(plugin) ?? new Map<string, Service>();
  state.services.set(plugin, found);
  return found;
}

/**
 * Returns the app with this name, or the exit code after printing an error. A flag instead of a name reaches Dokku's own
 * checker, which reports an unknown flag before the missing app.
 */
export function findAppByName({ call, host }: ServiceRequest, name: string): App | number {
  if (name.startsWith('--')) {
    call.err('Usage of /var/lib/dokku/core-plugins/available/common/common:\n');
    call.err('      --global   --global: Whether global or app-specific\n');
    call.err('      --quiet    --quiet: set DOKKU_QUIET_OUTPUT=1\n');
    call.err(`unknown flag: ${name}\n`);
    return fail(call, `App ${name} does not exist`, 20);
  }
  return findApp(call, host, name);
}
