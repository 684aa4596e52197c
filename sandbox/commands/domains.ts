import { fail, parseWords } from '../host/answers.ts';
import { changeEnv } from '../host/app-env.ts';
import { setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import { defaultDomains } from '../host/create-app.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { isDeployed } from '../host/is-deployed.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { clearDefaultPorts, forgetDetectedPorts } from '../nginx/port-maps.ts';
import { mainUrlOf } from '../nginx/urls.ts';

/** Dokku's own pattern. It accepts names that nginx rejects. */
const hostName = /^([a-z0-9.*-]*[a-z0-9*-]|_)$/i;

const report: Report = {
  title: 'domains',
  prefix: 'domains',
  rows: (app, { state }) => [
    ['Domains app enabled', String(app.vhosts)],
    ['Domains app vhosts', app.domains.join(' ')],
    ['Domains global enabled', String(state.domains.length > 0)],
    ['Domains global vhosts', state.domains.join(' ')],
  ],
  globalRows: (_, { state }) => [
    ['Domains global enabled', String(state.domains.length > 0)],
    ['Domains global vhosts', state.domains.join(' ')],
  ],
};

/** Dokku's domains plugin, and the `url` and `urls` commands. */
export const domains: Plugin = {
  url: withApp(url),
  urls: withApp(urls),
  'domains:add': withNames(add),
  'domains:add-global': createGlobalHandler(addGlobal),
  'domains:clear': withApp(clear),
  'domains:clear-global': (_, { state }) => {
    state.domains = [];
    return 0;
  },
  'domains:disable': withApp(disable),
  'domains:enable': withApp(enable),
  'domains:remove': withNames(remove),
  'domains:remove-global': createGlobalHandler(removeGlobal),
  'domains:report': createReportHandler(report),
  'domains:reset': withApp(reset),
  'domains:set': withNames(set),
  'domains:set-global': createGlobalHandler(setGlobal),
};

function url({ call, host, app }: AppRequest): number {
  const found = mainUrlOf(app, host.state, host.webPort);
  if (found !== undefined) call.out(`${found}\n`);
  return 0;
}

function urls({ call, host, app }: AppRequest): number {
  for (const one of host.urls(app)) call.out(`${one}\n`);
  return 0;
}

/** Returns a handler for a command on an app and one or more domain names. */
function withNames(change: (request: AppRequest) => number | Promise<number>): Handler {
  return (call, host) => {
    const [name = '', first = ''] = call.words;
    if (first !== '') return withApp(change)(call, host);
    // The usage names the arguments instead of the command, as in Dokku.
    return fail(call, `Please specify a domain name. Usage: dokku ${name}  <domain> [<domain> ...]`);
  };
}

async function add(request: AppRequest): Promise<number> {
  const { call, host, app, rest: names } = request;
  const bad = invalid(call, names);
  if (bad !== undefined) return bad;
  for (const name of names) {
    const isNew = !app.domains.includes(name);
    if (isNew) app.domains.push(name);
    call.out(
      isNew
        ? `-----> Added ${name} to ${app.name}\n`
        : `-----> Skipping: ${name} already added to ${app.name}\n`,
    );
  }
  const exit = await enableIfDisabled(request);
  if (exit !== 0) return exit;
  hint(call);
  return host.rebuildProxy(call, app.name);
}

function invalid(call: Call, names: readonly string[]): number | undefined {
  const bad = names.find((name) => !hostName.test(name));
  return bad === undefined ? undefined : fail(call, `${bad} is invalid. exiting...`);
}

/** Enables domains after one was added or set. Like Dokku, this replaces the domains by the default ones. */
async function enableIfDisabled({ call, host, app }: AppRequest): Promise<number> {
  if (app.vhosts) return 0;
  await enableDomains(call, host, app);
  return host.rebuildProxy(call, app.name);
}

// The letsencrypt plugin of the recorded host prints this after every added domain.
function hint(call: Call): void {
  fail(call, 'Please run dokku letsencrypt:enable to add https support to the new domain');
}

type GlobalChange = (call: Call, host: SandboxHost, names: readonly string[]) => number;

function createGlobalHandler(change: GlobalChange): Handler {
  return (call, host) => {
    const { positional: names } = parseWords(call.words, {});
    const usage = 'Please specify a domain name. Usage: dokku  <domain> [<domain> ...]';
    if (names.length === 0) return fail(call, usage);
    return invalid(call, names) ?? change(call, host, names);
  };
}

function addGlobal(call: Call, { state }: SandboxHost, names: readonly string[]): number {
  for (const name of names) {
    const isNew = !state.domains.includes(name);
    if (isNew) state.domains.push(name);
    call.out(isNew ? `-----> Added ${name}\n` : `-----> Skipping ${name}: already added\n`);
  }
  return 0;
}

function clear({ call, host, app }: AppRequest): number {
  app.domains = [];
  const exit = host.rebuildProxy(call, app.name);
  if (exit === 0) call.out(`-----> Cleared domains in ${app.name}\n`);
  return exit;
}

async function disable({ call, host, app }: AppRequest): Promise<number> {
  if (!app.vhosts) {
    call.out(`-----> Domains (VHOST) support is already disabled for app (${app.name})\n`);
    return 0;
  }
  disableDomains(call, app);
  await changeEnv(app, (env) => env.set('NO_VHOST', '1'), call.reach);
  return host.rebuildProxy(call, app.name);
}

/** Stops serving an app by its domains, which are lost. */
export function disableDomains(call: Call, app: App): void {
  clearDefaultPorts(app);
  if (app.domains.length > 0) call.out('-----> App virtual host support disabled\n');
  app.vhosts = false;
  app.domains = [];
}

async function enable({ call, host, app }: AppRequest): Promise<number> {
  if (app.vhosts) {
    call.out(`-----> Domains (VHOST) support is already enabled for app (${app.name})\n`);
    return 0;
  }
  await enableDomains(call, host, app);
  if (!isDeployed(app)) return host.rebuildProxy(call, app.name);
  call.out(`-----> Restarting app ${app.name}\n`);
  return host.deploy(app, { out: call.out, source: 'config-redeploy', from: 'release' });
}

/** Serves an app by the default domains again. */
export async function enableDomains(call: Call, host: SandboxHost, app: App): Promise<void> {
  app.vhosts = true;
  const defaults = defaultDomains(app.name, host);
  if (defaults.length > 0) app.domains = defaults;
  await changeEnv(app, (env) => env.set('NO_VHOST', '0'), call.reach);
  for (const key of ['proxy-port', 'proxy-ssl-port']) setProperty(app, 'proxy', key, '');
  clearDefaultPorts(app);
  forgetDetectedPorts(app);
}

function remove({ call, host, app, rest: names }: AppRequest): number {
  for (const name of names) {
    app.domains = app.domains.filter((one) => one !== name);
    call.out(`-----> Removed ${name} from ${app.name}\n`);
  }
  return host.rebuildProxy(call, app.name);
}

function removeGlobal(call: Call, { state }: SandboxHost, names: readonly string[]): number {
  for (const name of names) {
    state.domains = state.domains.filter((one) => one !== name);
    call.out(`-----> Removed ${name}\n`);
  }
  return 0;
}

function reset(request: AppRequest): number {
  const { call, host, app } = request;
  const cleared = clear(request);
  if (cleared !== 0) return cleared;
  app.domains = defaultDomains(app.name, host);
  if (!call.quiet) call.out('-----> Creating new app virtual host file...\n');
  const exit = host.rebuildProxy(call, app.name);
  if (exit === 0 && !call.quiet) call.out(`-----> Reset domains for ${app.name}\n`);
  return exit;
}

async function set(request: AppRequest): Promise<number> {
  const { call, host, app, rest: names } = request;
  const bad = invalid(call, names);
  if (bad !== undefined) return bad;
  app.domains = [...names];
  call.out(`-----> Set ${names.join(' ')} for ${app.name}\n`);
  const exit = await enableIfDisabled(request);
  if (exit !== 0) return exit;
  hint(call);
  return host.rebuildProxy(call, app.name);
}

function setGlobal(call: Call, { state }: SandboxHost, names: readonly string[]): number {
  state.domains = [...names];
  call.out(`-----> Set ${names.join(' ')}\n`);
  return 0;
}
