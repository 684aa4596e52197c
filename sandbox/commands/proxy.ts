import { fail } from '../host/answers.ts';
import { changeEnv } from '../host/app-env.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { serveConfig } from '../nginx/build-config.ts';
import { disableDomains, enableDomains } from './domains.ts';
import { createSetHandler, type PropertyPlugin } from './properties.ts';

/** The properties of Dokku's proxy plugin. */
export const proxyTable: PropertyPlugin = {
  plugin: 'proxy',
  bothKeys: true,
  properties: [
    { key: 'disabled', computed: 'false', global: false },
    { key: 'proxy-port', computed: '' },
    { key: 'proxy-ssl-port', computed: '' },
    { key: 'type', computed: 'nginx' },
  ],
  rows: (app) => [['Proxy enabled', String(!isDisabled(app))]],
};

function isDisabled(app: App): boolean {
  return ownProperty(app, 'proxy', 'disabled') === 'true';
}

/** The commands of the proxy plugin that aren't derived from its properties. */
export const proxy: Plugin = {
  'proxy:build-config': forAll(build),
  'proxy:clear-config': forAll(clearConfig),
  'proxy:disable': forAll(disable),
  'proxy:enable': forAll(enable),
  'proxy:ports': removedCommand,
  'proxy:ports-add': removedCommand,
  'proxy:ports-clear': removedCommand,
  'proxy:ports-remove': removedCommand,
  'proxy:ports-set': removedCommand,
  'proxy:set': set,
};

type AppCommand = (call: Call, host: SandboxHost, app: App) => number | Promise<number>;

/** Returns a handler for a command on one app, or on all with `--all`. It ends with the first app that fails. */
function forAll(run: AppCommand): Handler {
  return async (call, host) => {
    if (!call.words.includes('--all'))
      return withApp(({ app }: AppRequest) => run(call, host, app), { valued: ['--parallel'] })(call, host);
    for (const name of [...host.state.apps.keys()].sort()) {
      const app = host.state.apps.get(name);
      const exit = app ? await run(call, host, app) : 0;
      if (exit !== 0) return exit;
    }
    return 0;
  };
}

function build(call: Call, host: SandboxHost, app: App): number {
  if (app.web) call.out(`-----> Ensuring network configuration is in sync for ${app.name}\n`);
  return host.rebuildProxy(call, app.name);
}

function clearConfig(_: Call, host: SandboxHost, app: App): number {
  app.proxy.conf = undefined;
  serveConfig(host);
  return 0;
}

async function disable(call: Call, host: SandboxHost, app: App): Promise<number> {
  if (isDisabled(app)) {
    call.out('-----> Proxy is already disable for app\n');
    return 0;
  }
  call.out('-----> Disabling proxy for app\n');
  setProperty(app, 'proxy', 'disabled', 'true');
  disableDomains(call, app);
  await changeEnv(app, (env) => env.set('NO_VHOST', '1'), call.reach);
  const exit = host.rebuildProxy(call, app.name);
  return exit === 0 ? restart(call, host, app) : exit;
}

function restart(call: Call, host: SandboxHost, app: App): number | Promise<number> {
  return app.deployed ? host.deploy(app, { out: call.out, source: undefined, from: 'restart' }) : 0;
}

async function enable(call: Call, host: SandboxHost, app: App): Promise<number> {
  if (!isDisabled(app)) {
    call.out('-----> Proxy is already enabled for app\n');
    return 0;
  }
  call.out('-----> Enabling proxy for app\n');
  setProperty(app, 'proxy', 'disabled', '');
  await enableDomains(call, host, app);
  const exit = host.rebuildProxy(call, app.name);
  return exit === 0 ? restart(call, host, app) : exit;
}

// Dokku's message for a subcommand that older versions of the plugin had.
function removedCommand(call: Call): number {
  return fail(call, `Invalid plugin subcommand call: ${call.command.split(':')[1]}`);
}

/** `proxy:set APP KEY [VALUE]`, and the older `proxy:set APP TYPE`. */
function set(call: Call, host: SandboxHost): number | Promise<number> {
  const [target = '', key = '', value = ''] = call.words;
  const isKey = proxyTable.properties.some((property) => property.key === key);
  if (key === '' || isKey || value !== '') return createSetHandler(proxyTable)(call, host);
  if (key.includes(':')) {
    fail(call, 'Detected potential port mapping instead of proxy type');
    return fail(call, 'Consider using ports:set command or specifying a valid proxy');
  }
  return createSetHandler(proxyTable)({ ...call, words: [target, 'type', key] }, host);
}
