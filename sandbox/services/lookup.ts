import { fail, findApp } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Service } from '../host/service.ts';
import type { App, SandboxHost } from '../host/state.ts';
import type { ServiceType } from './service-types.ts';

/** What a command of a service plugin is given. */
export interface ServiceRequest {
  readonly call: Call;
  readonly host: SandboxHost;
  readonly type: ServiceType;
}

/** The names of a plugin's services, as the host's shell sorts them: by byte. */
export function sortedNames(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}

/** A line that `--quiet` hides: Dokku's `…_quiet` loggers. */
export function printUnlessQuiet(call: Call, line: string): void {
  if (!call.quiet) call.out(`${line}\n`);
}

/** The service of a name, or the exit code after saying that there is none. */
export function findService({ call, host, type }: ServiceRequest, name: string): Service | number {
  if (name === '') return fail(call, 'SERVICE must not be empty');
  return listServices(host, type).get(name) ?? fail(call, `${type.title} service ${name} does not exist`);
}

/** The services of one plugin, by name. */
export function listServices({ state }: SandboxHost, { plugin }: ServiceType): Map<string, Service> {
  const found = state.services.get(plugin) ?? new Map<string, Service>();
  state.services.set(plugin, found);
  return found;
}

/**
 * The app of a name, or the exit code after saying what is wrong. A flag in its place is read by Dokku's own checker,
 * which says that it does not know the flag before it misses an app of that name.
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
