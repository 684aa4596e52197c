import {
  arrow,
  confirmed,
  detail,
  fail,
  findApp,
  isAppName,
  nameRule,
  sortWords,
  unknownFlag,
} from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { makeApp } from '../host/make-app.ts';
import { type Report, reporting } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';

const make = (call: Call, host: SandboxHost, name: string): number => {
  arrow(call, `Creating ${name}...`);
  makeApp(host, name);
  arrow(call, 'Creating new app virtual host file...');
  return host.rebuildProxy(call, name);
};

const create: Handler = async (call, host) => {
  const { positional, unknown } = sortWords(call.words, {});
  if (unknown) return unknownFlag(call, unknown);
  const [name] = positional;
  if (!name) return fail(call, 'Please specify an app to run the command on');
  if (!isAppName(name)) return fail(call, nameRule);
  if (host.state.apps.has(name)) return fail(call, 'Name is already taken');
  return make(call, host, name);
};

const remove = async (call: Call, host: SandboxHost, app: App): Promise<void> => {
  arrow(call, `Destroying ${app.name} (including all add-ons)`);
  for (const service of host.services()) {
    detail(call, `Unlinking from ${service.name}`);
    service.links.delete(app.name);
  }
  await host.removeApp(app);
  arrow(call, 'Cleaning up...');
  arrow(call, 'Retiring old containers and images');
};

const destroy: Handler = async (call, host) => {
  const { positional, flags } = sortWords(call.words, { switches: ['--force', '-f'] });
  const app = findApp(call, host, positional[0]);
  if (typeof app === 'number') return app;
  if (!call.force && flags.size === 0 && !(await confirmed(call, 'app', app.name))) return 1;
  await remove(call, host, app);
  return 0;
};

const exists: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  return typeof app === 'number' ? app : 0;
};

const list: Handler = (call, host) => {
  const { flags, unknown } = sortWords(call.words, { valued: ['--format'] });
  if (unknown) {
    call.err('Usage of apps:list:\n      --format string   format: [ stdout | json ] (default "stdout")\n');
    call.err(`unknown flag: ${unknown}\n`);
    return 2;
  }
  const names = [...host.state.apps.keys()].sort();
  if (flags.get('--format') === 'json') {
    call.out(`${JSON.stringify(names)}\n`);
    return 0;
  }
  if (!call.quiet) call.out('=====> My Apps\n');
  for (const name of names) call.out(`${name}\n`);
  return 0;
};

const report: Report = {
  title: 'app',
  prefix: 'app',
  bothKeys: true,
  rows: (app) => [
    ['App created at', String(Math.floor(app.createdAt / 1_000))],
    ['App deploy source', app.properties.get('deploy-source') ?? ''],
    ['App deploy source metadata', app.properties.get('deploy-source-metadata') ?? ''],
    ['App dir', `/home/dokku/${app.name}`],
    ['App global disable autocreation', ''],
    ['App locked', String(app.locked)],
  ],
};

const properties = ['deploy-source', 'deploy-source-metadata', 'disable-autocreation'];

const set: Handler = (call, host) => {
  const { positional, flags } = sortWords(call.words, { switches: ['--global'] });
  const [name, key, value] = flags.has('--global') ? ['', ...positional] : positional;
  const app = flags.has('--global') ? undefined : findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (!key || !properties.includes(key)) {
    return fail(call, `Invalid property specified, valid properties include: ${properties.join(', ')}`);
  }
  if (app && value !== undefined) app.properties.set(key, value);
  if (app && value === undefined) app.properties.delete(key);
  if (key === 'disable-autocreation') host.state.autocreation = value !== 'true';
  call.out(value === undefined ? `=====> Unsetting ${key}\n` : `=====> Setting ${key} to ${value}\n`);
  return 0;
};

interface Copying {
  readonly from: App;
  readonly to: string;
  readonly skipDeploy: boolean;
}

/** Makes `to` of what `from` has, its code too; deploys it when `from` is deployed. The exit code of doing so. */
const copy = async (call: Call, host: SandboxHost, { from, to }: Copying): Promise<number> => {
  const exit = make(call, host, to);
  const made = host.state.apps.get(to);
  if (!made) return exit;
  made.envFile = from.envFile;
  made.deployBranch = from.deployBranch;
  made.firstDeployDone = from.firstDeployDone;
  made.ports = [...from.ports];
  for (const [key, value] of from.properties) made.properties.set(key, value);
  for (const [type, quantity] of from.scale) made.scale.set(type, quantity);
  for (const [phase, options] of from.options) made.options.set(phase, [...options]);
  await host.repositories.copy(from.name, to);
  return exit;
};

const deployCopy = (
  call: Call,
  host: SandboxHost,
  { from, to, skipDeploy }: Copying,
): number | Promise<number> => {
  const made = host.state.apps.get(to);
  if (skipDeploy || !from.deployed || !made) return 0;
  return host.release(made, { out: call.out, source: 'ps-rebuild', from: 'build' });
};

const copying = (call: Call, host: SandboxHost): Copying | number => {
  const { positional, flags } = sortWords(call.words, { switches: ['--skip-deploy', '--ignore-existing'] });
  const from = findApp(call, host, positional[0]);
  if (typeof from === 'number') return from;
  const [, to] = positional;
  if (!to) return fail(call, 'Please specify a new app name');
  if (!isAppName(to)) return fail(call, nameRule);
  if (host.state.apps.has(to))
    return fail(call, 'Name is already taken', flags.has('--ignore-existing') ? 0 : 1);
  return { from, to, skipDeploy: flags.has('--skip-deploy') };
};

const clone: Handler = async (call, host) => {
  const asked = copying(call, host);
  if (typeof asked === 'number') return asked;
  arrow(call, `Cloning ${asked.from.name} to ${asked.to}`);
  const exit = await copy(call, host, asked);
  return exit || deployCopy(call, host, asked);
};

const rename: Handler = async (call, host) => {
  const asked = copying(call, host);
  if (typeof asked === 'number') return asked;
  arrow(call, `Renaming ${asked.from.name} to ${asked.to}`);
  const exit = await copy(call, host, asked);
  await remove(call, host, asked.from);
  return exit || deployCopy(call, host, asked);
};

const locked: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  if (!app.locked && !app.deploying) return fail(call, 'Deploy lock does not exist');
  call.out('Deploy lock exists\n');
  return 0;
};

const lock: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  app.locked = true;
  arrow(call, 'Deploy lock created');
  return 0;
};

const unlock: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  if (typeof app === 'number') return app;
  if (!app.locked && !app.deploying) return fail(call, 'Unable to remove deploy lock');
  fail(call, 'A deploy may be in progress.\nRemoving the app lock will not stop in progress deploys.');
  app.locked = false;
  arrow(call, 'Deploy lock removed');
  return 0;
};

/** Dokku's apps plugin. */
export const apps: Plugin = {
  apps: list,
  'apps:clone': clone,
  'apps:create': create,
  'apps:destroy': destroy,
  'apps:exists': exists,
  'apps:list': list,
  'apps:lock': lock,
  'apps:locked': locked,
  'apps:rename': rename,
  'apps:report': reporting(report),
  'apps:set': set,
  'apps:unlock': unlock,
};
