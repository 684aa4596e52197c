import { fail } from '../host/answers.ts';
import { changeEnv, restartWithEnv, setEnv } from '../host/app-env.ts';
import { parseEnv } from '../host/envfile.ts';
import type { Service } from '../host/service.ts';
import type { App } from '../host/state.ts';
import { serviceUrl } from './address.ts';
import { parseServiceFlags, printComplaints, type ServiceFlags } from './flags.ts';
import { findAppByName, listServices, type ServiceRequest, sortedNames } from './lookup.ts';
import type { ServiceType } from './service-types.ts';
import type { ServiceAndApp } from './with-service.ts';

/** `link SERVICE APP [flags]`. Writes the app's configuration as any other writer does: two at once lose one. */
export async function link(asked: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = asked;
  const flags = parseServiceFlags(call.words.slice(2));
  printComplaints(asked, flags);
  const config = configLines(app);
  const url = urlFor(service, type, app);
  const [linked] = keysOf(config, url);
  const choice = chooseAlias(type, config, flags);
  if (choice.problem !== undefined) return fail(call, choice.problem);
  if (linked !== undefined) return fail(call, `Already linked as ${linked}`);
  addLink(service, app);
  const query = flags.values.get('q')?.replace(/^\?/, '');
  const values = new Map([[`${choice.alias}_URL`, query ? `${url}?${query}` : url]]);
  await setEnv(call, app, values);
  return restartIfDeployed(asked, app, flags);
}

/** An app's configuration as the plugins look through it: lines of `KEY:  value`, searched as text. */
function configLines(app: App): string[] {
  return [...parseEnv(app.envFile)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => `${key}:  ${value}`.split('\n'));
}

/** The URL of a service as this app wants it, now: a scheme that was changed since the link makes another URL. */
function urlFor(service: Service, type: ServiceType, app: App): string {
  return serviceUrl(service, parseEnv(app.envFile).get(`${variable(type)}_DATABASE_SCHEME`));
}

function variable({ plugin }: ServiceType): string {
  return plugin.toUpperCase();
}

/** The keys of the lines that hold a URL. */
function keysOf(lines: readonly string[], url: string): string[] {
  return lines.filter((line) => line.includes(url)).map((line) => line.split(':')[0] ?? '');
}

interface Alias {
  readonly alias: string;
  readonly problem?: undefined;
}

function chooseAlias(
  type: ServiceType,
  config: readonly string[],
  { values }: ServiceFlags,
): Alias | { problem: string } {
  const wanted = values.get('a')?.toUpperCase().replace(/_URL$/, '');
  if (wanted) {
    return holds(config, `${wanted}_URL`)
      ? { problem: `Specified alias ${wanted} already in use` }
      : { alias: wanted };
  }
  if (!holds(config, `${type.alias}_URL`)) return { alias: type.alias };
  const alias = freeAlias(type, config);
  return alias === undefined ? { problem: 'Unable to use default or generated URL alias' } : { alias };
}

/** Whether a variable's name, or any other text, holds this: `MY_DATABASE_URL` counts as `DATABASE_URL`. */
function holds(lines: readonly string[], text: string): boolean {
  return lines.some((line) => line.includes(text));
}

const colours = [
  ...['AQUA', 'BLACK', 'BLUE', 'FUCHSIA', 'GRAY', 'GREEN', 'LIME', 'MAROON'],
  ...['NAVY', 'OLIVE', 'PURPLE', 'RED', 'SILVER', 'TEAL', 'WHITE', 'YELLOW'],
] as const;

function freeAlias(type: ServiceType, config: readonly string[]): string | undefined {
  return colours
    .map((colour) => `DOKKU_${variable(type)}_${colour}`)
    .find((alias) => !holds(config, `${alias}_URL`));
}

function addLink(service: Service, app: App): void {
  const names = sortedNames(new Set([...service.links, app.name]));
  service.links.clear();
  for (const name of names) service.links.add(name);
}

/** Restarts a deployed app after its configuration was changed, unless the flags say not to. */
async function restartIfDeployed(
  { call, host }: ServiceRequest,
  app: App,
  { values }: ServiceFlags,
): Promise<number> {
  if (values.has('n') || values.get('R') === 'false') {
    call.out('       Skipping restart of linked app\n');
    return 0;
  }
  return restartWithEnv(call, host, app);
}

/** `unlink SERVICE APP [flags]`. */
export async function unlink(asked: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = asked;
  const keys = keysOf(configLines(app), urlFor(service, type, app));
  // The link goes before the variable is looked for: a scheme that changed since leaves the variable behind.
  service.links.delete(app.name);
  if (keys.length === 0) return fail(call, `Not linked to app ${app.name}`);
  await changeEnv(app, (env) => {
    for (const key of keys) env.delete(key);
  });
  if (!call.quiet) for (const key of keys) call.out(`-----> Unsetting ${key}\n`);
  return restartIfDeployed(asked, app, parseServiceFlags(call.words.slice(2)));
}

/** `linked SERVICE APP`: looks for the URL in the app's configuration, not at the list of links. */
export function linked(asked: ServiceAndApp): number {
  const { service, app } = asked;
  if (!holds(configLines(app), urlFor(service, asked.type, app))) {
    return fail(asked.call, `Service ${service.name} is not linked to ${app.name}`);
  }
  asked.call.out(`-----> Service ${service.name} is linked to ${app.name}\n`);
  return 0;
}

/** `app-links APP`: the services of this plugin that it is linked to. */
export function appLinks(request: ServiceRequest): number {
  const { call, host, type } = request;
  const [name = ''] = call.words;
  if (name === '') return fail(call, 'Please specify an app to run the command on');
  const app = findAppByName(request, name);
  if (typeof app === 'number') return app;
  const found = [...listServices(host, type).values()].filter(({ links }) => links.has(app.name));
  call.out(
    sortedNames(found.map((service) => service.name))
      .map((one) => `${one}\n`)
      .join(''),
  );
  return 0;
}

/** `promote SERVICE APP`: its URL becomes the plugin's own variable; what was there gets a colour. */
export async function promote(asked: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = asked;
  const config = configLines(app);
  const own = `${type.alias}_URL`;
  const [key, ...more] = keysOf(config, urlFor(service, type, app));
  if (key === undefined) return fail(call, `Not linked to app ${app.name}`);
  if ([key, ...more].join(' ').includes(own)) {
    return fail(call, `Service ${service.name} already promoted as ${own}`);
  }
  const values = new Map([[own, valueAt(config, key) ?? '']]);
  const before = valueAt(config, own);
  const isKept = before !== undefined && keysOf(config, before).some((one) => !one.includes(own));
  if (before !== undefined && !isKept) values.set(`${freeAlias(type, config)}_URL`, before);
  await setEnv(call, app, values);
  return restartIfDeployed(asked, app, { values: new Map(), complaints: [] });
}

function valueAt(lines: readonly string[], key: string): string | undefined {
  return lines.find((line) => line.startsWith(`${key}:  `))?.slice(key.length + 3);
}
