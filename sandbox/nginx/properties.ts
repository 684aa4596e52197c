import { ownProperty } from '../host/app-properties.ts';
import type { App, SandboxHost } from '../host/state.ts';

/** The values that nginx's configuration gets when neither the app nor the host sets a property. */
export const nginxDefaults: Readonly<Record<string, string | ((app: App) => string)>> = {
  'access-log-format': '',
  'access-log-path': ({ name }) => `/var/log/nginx/${name}-access.log`,
  'bind-address-ipv4': '',
  'bind-address-ipv6': '::',
  'client-body-timeout': '60s',
  'client-header-timeout': '60s',
  'client-max-body-size': '1m',
  'disable-custom-config': 'false',
  'error-log-path': ({ name }) => `/var/log/nginx/${name}-error.log`,
  hsts: 'true',
  'hsts-include-subdomains': 'true',
  'hsts-preload': 'false',
  'hsts-max-age': '15724800',
  'keepalive-timeout': '75s',
  'lingering-timeout': '5s',
  'nginx-conf-sigil-path': 'nginx.conf.sigil',
  'nginx-service-command': '',
  'proxy-buffer-size': '4k',
  'proxy-buffering': 'on',
  'proxy-buffers': '8 4k',
  'proxy-busy-buffers-size': '8k',
  'proxy-connect-timeout': '60s',
  'proxy-read-timeout': '60s',
  'proxy-send-timeout': '60s',
  'proxy-keepalive': '',
  'send-timeout': '60s',
  'underscore-in-headers': 'off',
  'x-forwarded-for-value': '$remote_addr',
  'x-forwarded-port-value': '$server_port',
  'x-forwarded-proto-value': '$scheme',
  'x-forwarded-ssl': '',
};

/** Returns the value of a property that is in effect for an app. */
export function nginxProperty(app: App, { state }: Pick<SandboxHost, 'state'>, key: string): string {
  const fallback = nginxDefaults[key] ?? '';
  return (
    ownProperty(app, 'nginx', key) ||
    ownProperty(state.global, 'nginx', key) ||
    (typeof fallback === 'function' ? fallback(app) : fallback)
  );
}

/** Returns the type of an app's proxy. Only `nginx` is implemented; with any other the app isn't served. */
export function proxyTypeOf(app: App, { state }: Pick<SandboxHost, 'state'>): string {
  return ownProperty(app, 'proxy', 'type') || ownProperty(state.global, 'proxy', 'type') || 'nginx';
}
