import { fail, findApp } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { serveConfig, validateNginx } from '../nginx/build-config.ts';
import { nginxProperty, proxyTypeOf } from '../nginx/properties.ts';

/** The commands of Dokku's nginx plugin that aren't `report` or `set`. The sandbox has no nginx and so no logs of it. */
export const nginx: Plugin = {
  'nginx:access-logs': withApp(showLogs),
  'nginx:error-logs': withApp(showLogs),
  'nginx:reload': (call, host) => {
    const exit = validateNginx(call, host);
    if (exit === 0) serveConfig(host);
    return exit;
  },
  'nginx:show-config': withApp(showConfig),
  'nginx:start': () => 0,
  'nginx:stop': () => 0,
  'nginx:validate-config': validateConfig,
};

function showLogs({ call, host, app }: AppRequest): number {
  const kind = call.command === 'nginx:access-logs' ? 'access' : 'error';
  const path = nginxProperty(app, host, `${kind}-log-path`);
  return path === 'off' || path === '/dev/null' ? fail(call, `${kind} logs are disabled for this app`) : 0;
}

function showConfig({ call, host, app }: AppRequest): number {
  if (proxyTypeOf(app, host) !== 'nginx')
    return fail(call, 'This command is only available for apps with the nginx proxy type');
  if (app.proxy.conf === undefined) return fail(call, `No nginx.conf exists for ${app.name}`);
  call.out(app.proxy.conf);
  return 0;
}

/** `nginx:validate-config [APP] [--clean]`: validates all of nginx's configuration; with an app, only its file is shown. */
function validateConfig(call: Call, host: SandboxHost): number {
  const clean = call.words.includes('--clean');
  const name = call.words.find((word) => word !== '--clean');
  const isValid = validateNginx({ ...call, out: () => {}, err: () => {} }, host) === 0;
  // A valid configuration ends the command before it looks at the app.
  if (isValid || name === undefined) return validateNginx(call, host, undefined, clean);
  const app = findApp(call, host, name);
  return typeof app === 'number' ? app : validateNginx(call, host, app, clean);
}
