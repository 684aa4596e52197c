import { ownProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import { isTakenForUndeployed } from '../host/is-deployed.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { certificateNames } from './certificate.ts';
import { loadSite } from './load-site.ts';
import { configurePorts, hasCertificate, portMapsOf } from './port-maps.ts';
import { nginxProperty, proxyTypeOf } from './properties.ts';
import { renderNginxConf } from './template.ts';
import { testConfig } from './test-config.ts';

type Output = Pick<Call, 'out' | 'err' | 'quiet'>;

/**
 * Writes an app's nginx.conf and reloads nginx, like `nginx_build_config` of Dokku's nginx plugin. Returns exit code 1 if
 * nginx rejects its configuration, whichever app is at fault. The new files stay in place even then.
 */
export function buildNginxConfig(call: Output, host: Pick<SandboxHost, 'state'>, app: App): number {
  if (proxyTypeOf(app, host) !== 'nginx') return 0;
  if (ownProperty(app, 'proxy', 'disabled') === 'true') return removeConfig(call, host, app);
  configurePorts(call, host, app);
  const isSecure = hasCertificate(app);
  const ports = portMapsOf(app).filter((port) => {
    if (port.scheme !== 'https' || isSecure) return true;
    const map = `${port.scheme}:${port.host}:${port.container}`;
    call.err(
      ` !     Ignoring detected https port mapping without an accompanying ssl certificate (${map})\n`,
    );
    return false;
  });
  if (isSecure) {
    warnAboutNames(call, app);
    readNames(call, app);
  }
  const hasListeners = app.web !== undefined && !isTakenForUndeployed(app);
  if (!hasListeners && !call.quiet) call.err(` !     No web listeners specified for ${app.name}\n`);
  if (!hasListeners && ports.length === 0) return 0;
  const names = app.vhosts ? app.domains : [];
  for (const name of [...new Set(names)].sort(compareBytes)) {
    call.out(`-----> Configuring ${name}...(using built-in template)\n`);
  }
  if (isSecure) readNames(call, app);
  if (hasListeners && app.scale.has('')) call.err(` !     ${missingType}\n`);
  app.proxy.conf = renderNginxConf({ app, host, ports, names, hasListeners });
  call.out(`-----> Creating ${isSecure ? 'https' : 'http'} nginx.conf\n`);
  if (hasListeners) manageHsts(call, host, app);
  call.out('       Reloading nginx\n');
  return reloadNginx(call, host);
}

// Printed for a process type without a name, which `ps:scale` accepts before the first deploy.
const missingType =
  'Deprecated: Please specify a processType argument for the network-get-listeners plugin trigger';

function removeConfig(call: Output, host: Pick<SandboxHost, 'state'>, app: App): number {
  call.out(`-----> Nginx support is disabled for app (${app.name})\n`);
  if (app.proxy.conf === undefined) return 0;
  call.out('-----> Deleting nginx.conf\n');
  app.proxy.conf = undefined;
  if (!app.deployed) return 0;
  call.out('-----> Reloading nginx after nginx.conf deletion\n');
  return reloadNginx(call, host);
}

/** Prints Dokku's warning for a certificate that none of the app's domains matches. */
function warnAboutNames(call: Output, app: App): void {
  const names = readNames(call, app);
  // Dokku's pattern anchors only the first and the last alternative.
  const pattern = names.map((name) => name.replaceAll('.', '\\.').replaceAll('*', '[^.]*')).join('|');
  if (app.domains.some((domain) => new RegExp(`^${pattern}$`).test(domain))) return;
  call.out(
    `-----> No matching configured domains for ${app.name} found in SSL certificate. Your app will show as insecure in a browser if accessed via SSL\n`,
  );
  call.out('-----> Please add appropriate domains via the dokku domains command\n');
  if (app.domains.length > 0) call.out('-----> Configured domains for app:\n');
  for (const domain of app.domains) call.out(`=====> ${domain}\n`);
  if (names.length > 0) call.out('-----> Domains found in SSL certificate:\n');
  for (const name of names) call.out(`=====> ${name}\n`);
}

/** Reads the host names in an app's certificate as Dokku does: with two calls of openssl, which print what is wrong. */
function readNames(call: Output, app: App): string[] {
  const names = certificateNames(app);
  if (names) return names;
  const message = `Could not read certificate from /home/dokku/${app.name}/tls/server.crt\nUnable to load certificate\n`;
  call.err(message.repeat(2));
  return [];
}

/** Sorts as `sort -u` in the C locale. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function manageHsts(call: Output, host: Pick<SandboxHost, 'state'>, app: App): void {
  const value = (key: string): string => nginxProperty(app, host, key);
  if (value('hsts') === 'false' || !hasCertificate(app)) {
    app.proxy.parts.delete('hsts.conf');
    return;
  }
  if (!call.quiet) call.out('       Enabling HSTS (using built-in template)\n');
  const header = [
    `max-age=${value('hsts-max-age')}`,
    ...(value('hsts-include-subdomains') === 'true' ? ['includeSubdomains'] : []),
    ...(value('hsts-preload') === 'true' ? ['preload'] : []),
  ].join('; ');
  app.proxy.parts.set('hsts.conf', `add_header Strict-Transport-Security "${header}" always;\n`);
}

/**
 * Validates nginx's configuration and, if it is valid, serves it. `only` limits the search for the faulty app, like the
 * argument of `validate_nginx`. Returns exit code 1 if the configuration is invalid; the running one then stays in use.
 */
export function reloadNginx(call: Output, host: Pick<SandboxHost, 'state'>, only?: App): number {
  const exit = validateNginx(call, host, only);
  if (exit === 0) serveConfig(host);
  return exit;
}

/** Validates nginx's configuration like `validate_nginx`, and prints the files that are invalid on their own. */
export function validateNginx(
  call: Output,
  { state }: Pick<SandboxHost, 'state'>,
  only?: App,
  clean = false,
): number {
  const all = [...state.apps.values()];
  if (testConfig(all, true).isValid) return 0;
  for (const app of only ? [only] : all.toSorted((a, b) => compareBytes(a.name, b.name))) {
    if (app.proxy.conf === undefined) {
      if (!call.quiet) call.err(` !     No nginx config found for ${app.name}\n`);
    } else if (!testConfig([app], false).isValid) {
      call.err(` !     Failed to validate nginx config for ${app.name}. Contents below...\n`);
      call.out(app.proxy.conf);
      if (clean) {
        call.err(' !     Removing invalid nginx file\n');
        app.proxy.conf = undefined;
      }
    }
  }
  const { isValid, messages } = testConfig(all, true);
  call.err(messages);
  return isValid ? 0 : 1;
}

/** Lets the running nginx serve the configuration as it is now. */
export function serveConfig({ state }: Pick<SandboxHost, 'state'>): void {
  const sorted = [...state.apps.values()].toSorted((a, b) => compareBytes(a.name, b.name));
  state.sites = sorted.flatMap(loadSite);
}

/** Reloads nginx after an app was removed. Dokku doesn't validate the configuration then; an invalid one isn't served. */
export function reloadAfterRemoval({ state }: Pick<SandboxHost, 'state'>): void {
  if (testConfig([...state.apps.values()], true).isValid) serveConfig({ state });
}
