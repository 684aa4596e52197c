import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import type { PropertyPlugin } from './properties.ts';

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

/** The commands of the proxy and nginx plugins that aren't `report` or `set`. */
export const proxy: Plugin = {
  'nginx:access-logs': withApp(() => 0),
  'nginx:error-logs': withApp(() => 0),
  'nginx:show-config': withApp(showConfig),
  'nginx:validate-config': () => 0,
  'proxy:build-config': build,
  'proxy:disable': withApp(disable),
  'proxy:enable': withApp(enable),
  'proxy:ports': removedCommand,
  'proxy:ports-add': removedCommand,
  'proxy:ports-clear': removedCommand,
  'proxy:ports-remove': removedCommand,
  'proxy:ports-set': removedCommand,
};

function showConfig({ call, app }: AppRequest): number {
  if (!app.deployed || isDisabled(app))
    return fail(call, 'This command is only available for apps with the nginx proxy type');
  call.out(configOf(app, app.image?.recipe.exposed ?? '5000'));
  return 0;
}

function configOf(app: App, port: string): string {
  const upstream = `${app.name}-${port}`;
  return `
server {
  listen      [::]:80;
  listen      80;
  server_name ${app.domains.join(' ')};
  location    / {
    proxy_pass  http://${upstream};
  }
}
upstream ${upstream} {
  server 127.0.0.1:${app.web?.port ?? 0};
}
`;
}

function build(call: Call, host: SandboxHost): number | Promise<number> {
  if (call.words.includes('--all')) {
    for (const name of host.state.apps.keys()) host.rebuildProxy(call, name);
    return 0;
  }
  return withApp(({ app }) => host.rebuildProxy(call, app.name))(call, host);
}

function disable({ call, host, app }: AppRequest): number | Promise<number> {
  if (isDisabled(app)) {
    call.out('-----> Proxy is already disable for app\n');
    return 0;
  }
  setProperty(app, 'proxy', 'disabled', 'true');
  call.out('-----> Disabling proxy for app\n-----> App virtual host support disabled\n');
  call.out(`-----> Nginx support is disabled for app (${app.name})\n-----> Deleting nginx.conf\n`);
  call.out('-----> Reloading nginx after nginx.conf deletion\n');
  app.vhosts = false;
  return restart(call, host, app);
}

function restart(call: Call, host: SandboxHost, app: App): number | Promise<number> {
  return app.deployed ? host.deploy(app, { out: call.out, source: 'proxy', from: 'restart' }) : 0;
}

function enable({ call, host, app }: AppRequest): number | Promise<number> {
  if (!isDisabled(app)) {
    call.out('-----> Proxy is already enabled for app\n');
    return 0;
  }
  setProperty(app, 'proxy', 'disabled', '');
  app.vhosts = true;
  call.out('-----> Enabling proxy for app\n');
  return restart(call, host, app);
}

// Dokku's message for a subcommand that older versions of the plugin had.
function removedCommand(call: Call): number {
  return fail(call, `Invalid plugin subcommand call: ${call.command.split(':')[1]}`);
}
