import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { formatUser, usersOf } from '../nginx/access.ts';
import { reloadNginx } from '../nginx/build-config.ts';
import { createShellReportHandler } from './shell-report.ts';

const rulesFile = 'http-auth.conf';

/** The http-auth plugin: logins and allowed addresses in front of an app. */
export const httpAuth: Plugin = {
  'http-auth:add-allowed-ip': addAllowedIp,
  'http-auth:add-user': withApp(addUser),
  'http-auth:disable': withApp(disable),
  'http-auth:enable': withApp(enable),
  'http-auth:help': help,
  'http-auth:off': withApp(deprecated('disable', disable)),
  'http-auth:on': withApp(deprecated('enable', enable)),
  'http-auth:remove-allowed-ip': withApp(removeAllowedIp),
  'http-auth:remove-user': withApp(removeUser),
  'http-auth:report': createShellReportHandler({
    plugin: 'http-auth',
    hasJson: false,
    optional: ['allowed-ips'],
    rows: (app) => [
      ['enabled', String(isEnabled(app))],
      ['allowed-ips', allowedIps(app).join(' ')],
      ['users', userNames(app).join(' ')],
    ],
  }),
  'http-auth:show-config': withApp(showConfig),
};

function isEnabled({ proxy }: App): boolean {
  return proxy.parts.has(rulesFile);
}

function allowedIps(app: App): string[] {
  return ownProperty(app, 'http-auth', 'allowed-ips')
    .split(' ')
    .filter((ip) => ip !== '');
}

function userNames(app: App): string[] {
  return usersOf(app).map((line) => line.split(':')[0] ?? '');
}

function addAllowedIp(call: Call, host: SandboxHost): number | Promise<number> {
  if (!call.words[1]) return fail(call, 'Missing ip address');
  return withApp(({ app, rest: [address = ''] }) => {
    call.out(`-----> Adding ${address} to allowed ip list\n`);
    const before = allowedIps(app);
    if (before.includes(address)) return 0;
    setProperty(app, 'http-auth', 'allowed-ips', [...before, address].join(' '));
    writeRules(app);
    return reloadNginx(call, host, app);
  })(call, host);
}

/** Writes the rules from the allowed addresses, and a login if there are users at this moment. */
function writeRules(app: App): void {
  const addresses = allowedIps(app);
  const allow = addresses.map((address) => `\nallow ${address};\n`).join('');
  const login = `
auth_basic           "Restricted";
auth_basic_user_file /home/dokku/${app.name}/htpasswd;
`;
  const text = `\n${addresses.length > 0 ? `satisfy any;\n${allow}\ndeny all;\n` : ''}${usersOf(app).length > 0 ? login : ''}`;
  app.proxy.parts.set(rulesFile, text.replace(/\n{3,}/g, '\n\n'));
}

function addUser({ call, host, app, rest: [name = '', password = ''] }: AppRequest): number {
  if (!isEnabled(app)) return fail(call, 'Authentication is disabled');
  // Dokku has the same message for both.
  if (name === '' || password === '') return fail(call, 'Missing username');
  call.out(`-----> Adding ${name} to basic auth list\n`);
  const exit = storeUser(call, app, name, password);
  return exit === 0 ? reloadNginx(call, host, app) : exit;
}

/** Stores a user's password. Returns the exit code. */
function storeUser(call: Call, app: App, name: string, password: string): number {
  const exit = dropUser(call, app, name);
  if (exit !== 0) return exit;
  setProperty(app, 'http-auth', 'htpasswd', [...usersOf(app), formatUser(name, password)].join('\n'));
  return 0;
}

/** Removes a user like the plugin's `sed "/^NAME:/d"`, which reads the name as a pattern. Returns sed's exit code. */
function dropUser(call: Call, app: App, name: string): number {
  const [before, after] = name.split(/\/(.*)/s);
  if (after !== undefined) {
    const error = /^[bt]/.test(after)
      ? `can't find label for jump to \`${after.slice(1)}:/d'`
      : `-e expression #1, char ${(before ?? '').length + 4}: unknown command: \`${after[0] ?? ':'}'`;
    call.err(`sed: ${error}\n`);
    return /^[bt]/.test(after) ? 4 : 1;
  }
  const pattern = toPattern(name);
  const kept = usersOf(app).filter((line) => !pattern.test(line));
  setProperty(app, 'http-auth', 'htpasswd', kept.join('\n'));
  return 0;
}

function toPattern(name: string): RegExp {
  // In sed's basic patterns these characters stand for themselves.
  return new RegExp(`^${name.replace(/[+?(){}|]/g, '\\$&')}:`);
}

function disable({ call, host, app }: AppRequest): number {
  if (!isEnabled(app)) {
    call.out('-----> Authentication already disabled\n');
    return 0;
  }
  call.out(`-----> Disabling HTTP auth for ${app.name}...\n`);
  app.proxy.parts.delete(rulesFile);
  return finish(reloadNginx(call, host, app), call);
}

function finish(exit: number, call: Call): number {
  if (exit === 0) call.out('       Done\n');
  return exit;
}

// The rules are written before the user is stored: without earlier users the app stays open, as in the plugin.
function enable({ call, host, app, rest: [name = '', password = ''] }: AppRequest): number {
  if (isEnabled(app)) {
    call.out(
      '-----> Authentication already enabled, use http-auth:add-user or http-auth:remove-user to modify users\n',
    );
    return 0;
  }
  call.out(`-----> Enabling HTTP auth for ${app.name}...\n`);
  writeRules(app);
  if (name !== '' && password !== '') {
    const exit = storeUser(call, app, name, password);
    if (exit !== 0) return exit;
  } else {
    fail(call, 'Skipping user initialization');
  }
  return finish(reloadNginx(call, host, app), call);
}

function deprecated(name: string, run: (request: AppRequest) => number): (request: AppRequest) => number {
  return (request) => {
    fail(request.call, `Deprecated: Please use http-auth:${name}`);
    return run(request);
  };
}

const usages: readonly (readonly [usage: string, about: string])[] = [
  ['add-allowed-ip <app> <address>', 'add allowed ip to basic auth bypass for an app'],
  ['add-user <app> <user> <password>', 'Add basic auth user to app'],
  ['disable <app>', 'Disable HTTP auth for app'],
  ['enable <app> [<user>] [<password>]', 'Enable HTTP auth for app'],
  ['remove-allowed-ip <app> <address>', 'remove allowed ip from basic auth bypass for an app'],
  ['remove-user <app> <user>', 'Remove basic auth user from app'],
  ['report [<app>] [<flag>]', 'Displays an http-auth report for one or more apps'],
  ['show-config <app>', 'Display app http-auth config'],
];

function help(call: Call): number {
  call.out('Usage: dokku http-auth[:COMMAND]\n\nManage the http-auth proxy\n\nAdditional commands:\n');
  for (const [usage, about] of usages) call.out(`    ${`http-auth:${usage}`.padEnd(46)} ${about}\n`);
  return 0;
}

function removeAllowedIp({ call, host, app, rest: [address = ''] }: AppRequest): number {
  if (address === '') return fail(call, 'Missing ip address');
  call.out(`-----> Removing ${address} from allowed ip list\n`);
  const before = allowedIps(app);
  if (!before.includes(address)) {
    call.err('Property not found, nothing was removed\n');
    return 1;
  }
  setProperty(app, 'http-auth', 'allowed-ips', before.filter((one) => one !== address).join(' '));
  writeRules(app);
  return reloadNginx(call, host, app);
}

function removeUser({ call, host, app, rest: [name = ''] }: AppRequest): number {
  if (!isEnabled(app)) return fail(call, 'Authentication is disabled');
  if (name === '') return fail(call, 'Missing username');
  call.out(`-----> Removing ${name} from basic auth list\n`);
  const exit = dropUser(call, app, name);
  return exit === 0 ? reloadNginx(call, host, app) : exit;
}

function showConfig({ call, app }: AppRequest): number {
  const rules = app.proxy.parts.get(rulesFile);
  if (rules === undefined) return fail(call, `No nginx.conf exists for ${app.name}`);
  call.out(rules);
  return 0;
}
