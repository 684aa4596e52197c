import { fail, parseWords } from '../host/answers.ts';
import { changeEnv } from '../host/app-env.ts';
import { setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import { defaultDomains } from '../host/create-app.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import type { SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const hostName = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

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
  url: withApp(urls),
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

function urls({ call, host, app }: AppRequest): number {
  const all = host.urls(app);
  // `url` prints the last one, which is the https URL if there is one.
  for (const url of call.command === 'url' ? all.slice(-1) : all) call.out(`${url}\n`);
  return 0;
}

/** Returns a handler for a command on an app and one or more domain names. */
function withNames(change: (request: AppRequest) => number): Handler {
  return (call, host) => {
    const [name = '', ...names] = call.words;
    if (names.length > 0) return withApp(change)(call, host);
    const usage = `Please specify a domain name. Usage: dokku ${call.command} ${name} <domain> [<domain> ...]`;
    return fail(call, usage);
  };
}

function add({ call, host, app, rest: names }: AppRequest): number {
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
  app.vhosts = true;
  const exit = host.rebuildProxy(call, app.name);
  hint(call);
  return exit;
}

function invalid(call: Call, names: readonly string[]): number | undefined {
  const bad = names.find((name) => !hostName.test(name));
  return bad === undefined ? undefined : fail(call, `${bad} is invalid. exiting...`);
}

// The letsencrypt plugin of the recorded host prints this after every added domain.
function hint(call: Call): void {
  fail(call, 'Please run dokku letsencrypt:enable to add https support to the new domain');
}

type GlobalChange = (call: Call, host: SandboxHost, names: readonly string[]) => number;

function createGlobalHandler(change: GlobalChange): Handler {
  return (call, host) => {
    const { positional: names } = parseWords(call.words, {});
    const usage = `Please specify a domain name. Usage: dokku ${call.command} <domain> [<domain> ...]`;
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
  call.out(`-----> Cleared domains in ${app.name}\n`);
  return exit;
}

async function disable({ call, host, app }: AppRequest): Promise<number> {
  if (!app.vhosts) {
    call.out(`-----> Domains (VHOST) support is already disabled for app (${app.name})\n`);
    return 0;
  }
  app.vhosts = false;
  app.domains = [];
  call.out('-----> App virtual host support disabled\n');
  await changeEnv(app, (env) => env.set('NO_VHOST', '1'));
  call.out('-----> No port set, setting to random open high port\n');
  call.out(`-----> Random port ${32_768 + Math.floor(Math.random() * 20_000)}\n`);
  return host.rebuildProxy(call, app.name);
}

async function enable({ call, host, app }: AppRequest): Promise<number> {
  if (app.vhosts) {
    call.out(`-----> Domains (VHOST) support is already enabled for app (${app.name})\n`);
    return 0;
  }
  app.vhosts = true;
  app.domains = defaultDomains(app.name, host);
  await changeEnv(app, (env) => env.set('NO_VHOST', '0'));
  setProperty(app, 'proxy', 'proxy-port', '80');
  if (!app.deployed) return host.rebuildProxy(call, app.name);
  call.out(`-----> Restarting app ${app.name}\n`);
  return host.deploy(app, { out: call.out, source: 'config-redeploy', from: 'release' });
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
  const exit = clear(request);
  app.domains = defaultDomains(app.name, host);
  call.out('-----> Creating new app virtual host file...\n');
  host.rebuildProxy(call, app.name);
  call.out(`-----> Reset domains for ${app.name}\n`);
  return exit;
}

function set({ call, host, app, rest: names }: AppRequest): number {
  const bad = invalid(call, names);
  if (bad !== undefined) return bad;
  app.domains = [...names];
  app.vhosts = true;
  call.out(`-----> Set ${names.join(' ')} for ${app.name}\n`);
  hint(call);
  return host.rebuildProxy(call, app.name);
}

function setGlobal(call: Call, { state }: SandboxHost, names: readonly string[]): number {
  state.domains = [...names];
  call.out(`-----> Set ${names.join(' ')}\n`);
  return 0;
}
