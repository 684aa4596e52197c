import { fail } from '../host/answers.ts';
import { changeEnv, restartWithEnv, setEnv } from '../host/app-env.ts';
import { parseEnv } from '../host/envfile.ts';
import type { Service } from '../host/service.ts';
import type { App } from '../host/state.ts';
import { serviceUrl } from './address.ts';
import { parseServiceFlags, printParseErrors, type ServiceFlags } from './flags.ts';
import { findAppByName, listServices, type ServiceRequest, sortedNames } from './lookup.ts';
import type { ServiceType } from './service-types.ts';
import type { ServiceAndApp } from './with-service.ts';

/** `link SERVICE APP [flags]`. Two concurrent writes of an app's configuration lose one, here as in Dokku. */
export async function link(request: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = request;
  const flags = parseServiceFlags(call.words.slice(2));
  printParseErrors(request, flags);
  const config = configLines(app);
  const url = urlFor(service, type, app);
  const [linked] = keysOf(config, url);
  const choice = chooseAlias(type, config, flags);
  if (choice.problem !== undefined) return fail(call, choice.problem);
  if (linked !== undefined) return fail(call, `Already linked as ${linked}`);
  call.reach('links');
  addLink(service, app);
  call.reach('link-config');
  const query = flags.values.get('q')?.replace(/^\?/, '');
  const values = new Map([[`${choice.alias}_URL`, query ? `${url}?${query}` : url]]);
  await setEnv(call, app, values);
  return restartIfDeployed(request, app, flags);
}

/** Returns an app's configuration as the lines `KEY:  value`, which the plugins search as text. */
function configLines(app: App): string[] {
  return [...parseEnv(app.envFile)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, value]) => `${key}:  ${value}`.split('\n'));
}

/** Returns the service's URL with the app's current scheme. It differs from the linked one if the scheme has changed since. */
function urlFor(service: Service, type: ServiceType, app: App): string {
  return serviceUrl(service, parseEnv(app.envFile).get(`${variable(type)}_DATABASE_SCHEME`));
}

function variable({ plugin }: ServiceType): string {
  return plugin.toUpperCase();
}

/** Returns the keys of the lines that contain a URL. */
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

/** Returns whether any line contains the text: `MY_DATABASE_URL` counts as `DATABASE_URL`. */
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

/** Restarts a deployed app after its configuration has changed, unless the flags turn that off. Returns the exit code. */
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
export async function unlink(request: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = request;
  const keys = keysOf(configLines(app), urlFor(service, type, app));
  // The link is removed before the variable is searched. If the scheme has changed since, the variable stays.
  call.reach('links');
  service.links.delete(app.name);
  call.reach('link-config');
  if (keys.length === 0) return fail(call, `Not linked to app ${app.name}`);
  const change = (env: Map<string, string>): void => {
    for (const key of keys) env.delete(key);
  };
  await changeEnv(app, change, call.reach);
  if (!call.quiet) for (const key of keys) call.out(`-----> Unsetting ${key}\n`);
  return restartIfDeployed(request, app, parseServiceFlags(call.words.slice(2)));
}

/** `linked SERVICE APP`. Searches the app's configuration for the URL and ignores the list of links. */
export function linked(request: ServiceAndApp): number {
  const { service, app } = request;
  if (!holds(configLines(app), urlFor(service, request.type, app))) {
    return fail(request.call, `Service ${service.name} is not linked to ${app.name}`);
  }
  request.call.out(`-----> Service ${service.name} is linked to ${app.name}\n`);
  return 0;
}

/** `app-links APP`: lists the plugin's services that the app is linked to. */
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

/** `promote SERVICE APP`. Stores the service's URL in the plugin's default variable. The former value moves to a colour name. */
export async function promote(request: ServiceAndApp): Promise<number> {
  const { call, type, service, app } = request;
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
  return restartIfDeployed(request, app, { values: new Map(), parseErrors: [] });
}

function valueAt(lines: readonly string[], key: string): string | undefined {
  return lines.find((line) => line.startsWith(`${key}:  `))?.slice(key.length + 3);
}
