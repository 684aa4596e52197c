import { fail } from '../host/answers.ts';
import { guardEnv } from '../host/guard-env.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { Service } from '../host/service.ts';
import { backups } from './backup.ts';
import { clone, create } from './create.ts';
import { connect, enter, exportData, importData, logs } from './data.ts';
import { help } from './help.ts';
import { info } from './info.ts';
import { destroy, expose, pause, restart, set, start, stop, unexpose, upgrade } from './lifecycle.ts';
import { appLinks, link, linked, promote, unlink } from './link.ts';
import { listServices, type ServiceRequest, sortedNames } from './lookup.ts';
import type { ServiceType } from './service-types.ts';
import { type Command, withService, withServiceAndApp } from './with-service.ts';

// `enter` and `set` look up the service without checking that a name was given.
const emptyService = 'SERVICE must not be empty';

const commands: Readonly<Record<string, Command>> = {
  'app-links': appLinks,
  ...backups,
  clone,
  connect: withService(connect),
  create,
  destroy: withService(destroy),
  enter: withService(enter, emptyService),
  exists: withService(exists),
  export: withService(exportData),
  expose: withService(expose),
  import: withService(importData),
  info: withService(info),
  link: withServiceAndApp(link, 'app'),
  linked: withServiceAndApp(linked, 'app'),
  links: withService(links),
  list,
  logs: withService(logs),
  pause: withService(pause),
  promote: withServiceAndApp(promote, 'service'),
  restart: withService(restart),
  set: withService(set, emptyService),
  start: withService(start),
  stop: withService(stop),
  unexpose: withService(unexpose),
  unlink: withServiceAndApp(unlink, 'service'),
  upgrade: withService(upgrade),
};

/** Returns the commands of one service plugin. The plugin's name alone is an alias of its `help`. */
export function servicePlugin(type: ServiceType): Plugin {
  return Object.fromEntries([
    ...['', ':default', ':help'].map((word) => [`${type.plugin}${word}`, helpOf(type)] as const),
    ...Object.entries(commands).map(
      ([name, command]) =>
        [`${type.plugin}:${name}`, guardEnv((call, host) => command({ call, host, type }))] as const,
    ),
  ]);
}

function exists({ call, service }: ServiceRequest & { readonly service: Service }): number {
  call.out(`-----> Service ${service.name} exists\n`);
  return 0;
}

function links({ call, service }: ServiceRequest & { readonly service: Service }): number {
  call.out([...service.links].map((name) => `${name}\n`).join(''));
  return 0;
}

function list({ call, host, type }: ServiceRequest): number {
  const names = sortedNames(listServices(host, type).keys());
  if (names.length === 0) {
    fail(call, `There are no ${type.title} services`);
    return 0;
  }
  if (!call.quiet) call.out(`=====> ${type.title} services\n`);
  call.out(names.map((name) => `${name}\n`).join(''));
  return 0;
}

function helpOf(type: ServiceType): Handler {
  return (call) => {
    const { exit, out } = help(call, type);
    call.out(out);
    return exit;
  };
}
