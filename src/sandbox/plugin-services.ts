import { randomBytes } from 'node:crypto';
import { fail, findApp } from './answers.ts';
import type { Call, Handler, Plugin } from './call.ts';
import { startDatabase } from './database.ts';
import { readEnv } from './envfile.ts';
import { changeEnv, tellSet } from './plugin-config.ts';
import { serviceUrl } from './service-address.ts';
import { longestHostName, type ServiceType } from './service-types.ts';
import type { App, SandboxHost, Service } from './state.ts';

const servicesOf = ({ state }: SandboxHost, { plugin }: ServiceType): Map<string, Service> => {
  const found = state.services.get(plugin) ?? new Map<string, Service>();
  state.services.set(plugin, found);
  return found;
};

const isName = (name: string | undefined): name is string => name !== undefined && /^[A-Za-z0-9_-]+$/.test(name);

const nameRule = 'Please specify a valid name for the service. Valid characters are: [A-Za-z0-9_]+';

/** The service that a command is for, or the exit code after saying that there is none. */
const findService = (call: Call, host: SandboxHost, type: ServiceType): Service | number => {
  const [name] = call.words;
  if (!name) return fail(call, 'Please specify a valid name for the service');
  return servicesOf(host, type).get(name) ?? fail(call, `${type.title} service ${name} does not exist`);
};

const infoRows = (service: Service, type: ServiceType): [string, string][] => {
  const root = `/var/lib/dokku/services/${type.plugin}/${service.name}`;
  return [
    ['Config dir', `${root}/${type.plugin === 'postgres' ? 'data' : 'config'}`],
    ['Config options', ''],
    ['Data dir', `${root}/data`],
    ['Dsn', serviceUrl(service)],
    ['Exposed ports', '-'],
    ['Id', service.id],
    ['Internal ip', '127.0.0.1'],
    ['Initial network', ''],
    ['Links', [...service.links].join(' ') || '-'],
    ['Post create network', ''],
    ['Post start network', ''],
    ['Service root', root],
    ['Status', service.isBroken ? 'created' : 'running'],
    ['Version', service.version],
  ];
};

const tellInfo = (call: Call, service: Service, type: ServiceType): void => {
  call.out(`=====> ${service.name} ${type.plugin} service information\n`);
  for (const [name, value] of infoRows(service, type)) {
    call.out(`       ${`${name}:`.padEnd(20)} ${value.padEnd(25)}\n`);
  }
};

const makeService = async (host: SandboxHost, type: ServiceType, name: string): Promise<Service> => {
  const isBroken = `dokku.${type.plugin}.${name}`.length > longestHostName;
  const password = randomBytes(8).toString('hex');
  const database = name.replaceAll('-', '_');
  const running = isBroken ? undefined : await startDatabase({ plugin: type.plugin, password, database, folder: host.folder });
  return {
    plugin: type.plugin,
    name,
    isBroken,
    id: randomBytes(32).toString('hex'),
    password,
    version: `${type.image}:${type.version}`,
    links: new Set(),
    port: running?.port,
    stop: running?.stop ?? (async () => {}),
  };
};

const create =
  (type: ServiceType): Handler =>
  async (call, host) => {
    const [name] = call.words;
    if (!isName(name)) return fail(call, nameRule);
    const services = servicesOf(host, type);
    if (services.has(name)) return fail(call, `${type.title} service ${name} already exists`);
    const service = await makeService(host, type, name);
    services.set(name, service);
    if (service.isBroken) {
      call.out('Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: sethostname: invalid argument: unknown\n');
      call.out(`Error: failed to start containers: ${service.id}\n`);
      return 1;
    }
    call.out('       Waiting for container to be ready\n');
    if (type.plugin === 'postgres') {
      call.out('       Creating container database\n       Securing connection to database\n');
    }
    call.out(`=====> ${type.title} container created: ${name}\n`);
    tellInfo(call, service, type);
    return 0;
  };

const exists =
  (type: ServiceType): Handler =>
  (call, host) => {
    const service = findService(call, host, type);
    if (typeof service === 'number') return service;
    call.out(`-----> Service ${service.name} exists\n`);
    return 0;
  };

const info =
  (type: ServiceType): Handler =>
  (call, host) => {
    const service = findService(call, host, type);
    if (typeof service === 'number') return service;
    const [, flag] = call.words;
    if (flag === undefined) {
      tellInfo(call, service, type);
      return 0;
    }
    const rows = infoRows(service, type).map(([name, value]) => [`--${name.toLowerCase().replaceAll(' ', '-')}`, value] as const);
    const found = rows.find(([name]) => name === flag);
    if (!found) return fail(call, `Invalid flag passed, valid flags: ${rows.map(([name]) => name).join(' ')}`);
    call.out(`${found[1]}\n`);
    return 0;
  };

const list =
  (type: ServiceType): Handler =>
  (call, host) => {
    const names = [...servicesOf(host, type).keys()].sort();
    if (names.length === 0) return fail(call, `There are no ${type.title} services`, 0);
    call.out(`=====> ${type.title} services\n${names.map((name) => `${name}\n`).join('')}`);
    return 0;
  };

const colours = ['AQUA', 'BLACK', 'BLUE', 'FUCHSIA', 'GRAY', 'GREEN', 'LIME', 'MAROON', 'NAVY', 'OLIVE', 'PURPLE', 'RED', 'SILVER', 'TEAL', 'WHITE', 'YELLOW'];

/** The key for a link: the alias asked for, the plugin's own, or the first free colour. */
const linkKey = (type: ServiceType, env: ReadonlyMap<string, string>, alias: string | undefined): string => {
  if (alias !== undefined) return `${alias}_URL`;
  const own = `${type.alias}_URL`;
  if (!env.has(own)) return own;
  const free = colours.find((colour) => !env.has(`DOKKU_${type.plugin.toUpperCase()}_${colour}_URL`));
  return `DOKKU_${type.plugin.toUpperCase()}_${free ?? 'AQUA'}_URL`;
};

const flagValue = (words: readonly string[], ...names: readonly string[]): string | undefined => {
  const at = words.findIndex((word) => names.includes(word));
  return at === -1 ? undefined : words[at + 1];
};

const urlOf = (service: Service, type: ServiceType, env: ReadonlyMap<string, string>): string =>
  serviceUrl(service, env.get(`${type.plugin.toUpperCase()}_DATABASE_SCHEME`));

const afterChange = async (call: Call, host: SandboxHost, app: App): Promise<number> => {
  if (call.words.includes('--no-restart') || call.words.includes('-n')) {
    call.out('       Skipping restart of linked app\n');
    return 0;
  }
  return app.deployed ? host.release(app, { out: call.out, source: 'config-redeploy' }) : 0;
};

/** Service and app of a link command; the app is looked at first, as the plugins do. */
const findBoth = (call: Call, host: SandboxHost, type: ServiceType): { service: Service; app: App } | number => {
  const app = findApp(call, host, call.words[1]);
  if (typeof app === 'number') return app;
  const service = findService(call, host, type);
  return typeof service === 'number' ? service : { service, app };
};

const link =
  (type: ServiceType): Handler =>
  async (call, host) => {
    const both = findBoth(call, host, type);
    if (typeof both === 'number') return both;
    const { service, app } = both;
    const before = readEnv(app.envFile);
    const url = urlOf(service, type, before);
    const linked = [...before].find(([, value]) => value === url)?.[0];
    if (linked) return fail(call, `Already linked as ${linked}`);
    const key = linkKey(type, before, flagValue(call.words, '--alias', '-a'));
    service.links.add(app.name);
    await changeEnv(app, (env) => env.set(key, url));
    tellSet(call, new Map([[key, url]]));
    return afterChange(call, host, app);
  };

const unlink =
  (type: ServiceType): Handler =>
  async (call, host) => {
    const both = findBoth(call, host, type);
    if (typeof both === 'number') return both;
    const { service, app } = both;
    const env = readEnv(app.envFile);
    const url = urlOf(service, type, env);
    const keys = [...env].filter(([, value]) => value === url).map(([key]) => key);
    // The link is taken off before the variable is looked for: a scheme that changed meanwhile leaves the variable.
    service.links.delete(app.name);
    if (keys.length === 0) return fail(call, `Not linked to app ${app.name}`);
    for (const key of keys) call.out(`-----> Unsetting ${key}\n`);
    await changeEnv(app, (now) => {
      for (const key of keys) now.delete(key);
    });
    return afterChange(call, host, app);
  };

const linked =
  (type: ServiceType): Handler =>
  (call, host) => {
    const both = findBoth(call, host, type);
    if (typeof both === 'number') return both;
    const { service, app } = both;
    if (!service.links.has(app.name)) return fail(call, `Service ${service.name} is not linked to ${app.name}`);
    call.out(`-----> Service ${service.name} is linked to ${app.name}\n`);
    return 0;
  };

const links =
  (type: ServiceType): Handler =>
  (call, host) => {
    const service = findService(call, host, type);
    if (typeof service === 'number') return service;
    call.out([...service.links].map((name) => `${name}\n`).join(''));
    return 0;
  };

const appLinks =
  (type: ServiceType): Handler =>
  (call, host) => {
    const app = findApp(call, host, call.words[0]);
    if (typeof app === 'number') return app;
    const names = [...servicesOf(host, type).values()].filter((service) => service.links.has(app.name));
    call.out(names.map(({ name }) => `${name}\n`).sort().join(''));
    return 0;
  };

const destroy =
  (type: ServiceType): Handler =>
  async (call, host) => {
    const service = findService(call, host, type);
    if (typeof service === 'number') return service;
    if (service.links.size > 0) return fail(call, 'Cannot delete linked service');
    if (!call.force && !call.words.some((word) => word === '--force' || word === '-f')) {
      return fail(call, `WARNING: Potentially Destructive Action\nThis command will destroy ${service.name} ${type.title} service.\nTo proceed, type "${service.name}"`);
    }
    call.out(`=====> Deleting ${service.name}\n=====> Pausing container\n       Container paused\n       Removing container\n       Removing data\n`);
    servicesOf(host, type).delete(service.name);
    await service.stop();
    call.out(`=====> ${type.title} container deleted: ${service.name}\n`);
    return 0;
  };

/** The commands of one service plugin. */
export const servicePlugin = (type: ServiceType): Plugin => ({
  [`${type.plugin}:create`]: create(type),
  [`${type.plugin}:exists`]: exists(type),
  [`${type.plugin}:info`]: info(type),
  [`${type.plugin}:list`]: list(type),
  [`${type.plugin}:link`]: link(type),
  [`${type.plugin}:unlink`]: unlink(type),
  [`${type.plugin}:linked`]: linked(type),
  [`${type.plugin}:links`]: links(type),
  [`${type.plugin}:app-links`]: appLinks(type),
  [`${type.plugin}:destroy`]: destroy(type),
});

