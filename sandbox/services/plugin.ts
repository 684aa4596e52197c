import { fail } from '../host/answers.ts';
import { UnreadableEnv } from '../host/envfile.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { backups } from './backup.ts';
import { clone, create } from './create.ts';
import { connect, enter, exportData, importData, logs } from './data.ts';
import { help } from './help.ts';
import { info } from './info.ts';
import { destroy, expose, pause, restart, set, start, stop, unexpose, upgrade } from './life.ts';
import { appLinks, link, linked, promote, unlink } from './link.ts';
import {
  type Asked,
  namedService,
  type ServiceHandler,
  servicesOf,
  sortedNames,
  verifyService,
} from './lookup.ts';
import type { ServiceType } from './service-types.ts';

type Command = (asked: Asked) => number | Promise<number>;

const exists: ServiceHandler = ({ call, service }) => {
  call.out(`-----> Service ${service.name} exists\n`);
  return 0;
};

const links: ServiceHandler = ({ call, service }) => {
  call.out([...service.links].map((name) => `${name}\n`).join(''));
  return 0;
};

const list: Command = ({ call, host, type }) => {
  const names = sortedNames(servicesOf(host, type).keys());
  if (names.length === 0) {
    fail(call, `There are no ${type.title} services`);
    return 0;
  }
  if (!call.quiet) call.out(`=====> ${type.title} services\n`);
  call.out(names.map((name) => `${name}\n`).join(''));
  return 0;
};

/** For a command that needs its service first. */
const forService =
  (handler: ServiceHandler): Command =>
  (asked) => {
    const service = namedService(asked);
    return typeof service === 'number' ? service : handler({ ...asked, service });
  };

/** `set` looks for the service without a look at whether one was named. */
const setProperty: Command = (asked) => {
  const service = verifyService(asked, asked.call.words[0] ?? '');
  return typeof service === 'number' ? service : set({ ...asked, service });
};

const commands: Readonly<Record<string, Command>> = {
  'app-links': appLinks,
  ...backups,
  clone,
  connect: forService(connect),
  create,
  destroy: forService(destroy),
  enter,
  exists: forService(exists),
  export: forService(exportData),
  expose: forService(expose),
  import: forService(importData),
  info: forService(info),
  link,
  linked,
  links: forService(links),
  list,
  logs: forService(logs),
  pause: forService(pause),
  promote,
  restart: forService(restart),
  set: setProperty,
  start: forService(start),
  stop: forService(stop),
  unexpose: forService(unexpose),
  unlink,
  upgrade: forService(upgrade),
};

const handlerOf =
  (command: Command, type: ServiceType): Handler =>
  async (call, host) => {
    try {
      return await command({ call, host, type });
    } catch (error) {
      if (error instanceof UnreadableEnv) return fail(call, error.message);
      throw error;
    }
  };

const helpOf =
  (type: ServiceType): Handler =>
  (call) => {
    const { exit, out } = help(call, type);
    call.out(out);
    return exit;
  };

/** The commands of one service plugin. Its bare name is its help, as `help` is. */
export const servicePlugin = (type: ServiceType): Plugin =>
  Object.fromEntries([
    ...['', ':default', ':help'].map((word) => [`${type.plugin}${word}`, helpOf(type)] as const),
    ...Object.entries(commands).map(
      ([name, command]) => [`${type.plugin}:${name}`, handlerOf(command, type)] as const,
    ),
  ]);
