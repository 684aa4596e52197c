import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Service } from '../host/service.ts';
import { serviceUrl } from './address.ts';
import { printUnlessQuiet, type ServiceRequest } from './lookup.ts';
import type { ServiceType } from './service-types.ts';

/** `info SERVICE [--flag]`: prints all values, or the one that the flag names. */
export function info({ call, service, type }: ServiceRequest & { readonly service: Service }): number {
  const [, flag] = call.words;
  if (!flag) {
    printInfo(call, service, type);
    return 0;
  }
  const all = rows(service, type);
  const found = all.find(([name]) => `--${name}` === flag);
  if (!found) {
    return fail(call, `Invalid flag passed, valid flags: ${all.map(([name]) => `--${name}`).join(' ')}`);
  }
  call.out(`${found[1]}\n`);
  return 0;
}

function rows(service: Service, type: ServiceType): (readonly [name: string, value: string])[] {
  const root = serviceRoot(service);
  const property = (name: string): string => service.properties.get(name) ?? '';
  return [
    ['config-dir', `${root}/${type.configFolder}`],
    ['config-options', service.configOptions],
    ['data-dir', `${root}/data`],
    ['dsn', serviceUrl(service)],
    ['exposed-ports', exposedPorts(service, type)],
    ['id', service.id],
    ['internal-ip', service.status === 'running' ? service.ip : ''],
    ['initial-network', property('initial-network')],
    ['links', linkedApps(service)],
    ['post-create-network', property('post-create-network')],
    ['post-start-network', property('post-start-network')],
    ['service-root', root],
    ['status', service.status],
    ['version', service.status === 'missing' ? '' : `${service.image}:${service.version}`],
  ];
}

function linkedApps({ links }: Service): string {
  return links.size === 0 ? '-' : [...links].map((name) => `${name} `).join('');
}

/** Prints a service's information, as `info` and `create` do. */
export function printInfo(call: Call, service: Service, type: ServiceType): void {
  if (service.id === '') call.err(`cat: ${serviceRoot(service)}/ID: No such file or directory\n`);
  printUnlessQuiet(call, `=====> ${service.name} ${type.plugin} service information`);
  for (const [name, value] of rows(service, type)) {
    call.out(`       ${`${capitalize(name.replaceAll('-', ' '))}:`.padEnd(20)} ${value.padEnd(25)}\n`);
  }
}

function capitalize(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

/** Returns the folder in which a real host keeps a service. */
export function serviceRoot({ plugin, name }: Service): string {
  return `/var/lib/dokku/services/${plugin}/${name}`;
}

/** Returns `3306->13306 ` for each port, with the plugin's trailing space; `-` if the service isn't exposed. */
export function exposedPorts({ exposed }: Service, { ports }: ServiceType): string {
  return exposed.length === 0 ? '-' : ports.map((port, index) => `${port}->${exposed[index]} `).join('');
}
