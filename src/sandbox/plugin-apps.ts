import { arrow, detail, fail, findApp, isAppName, nameRule, sortWords, unknownFlag } from './answers.ts';
import type { Call, Handler, Plugin } from './call.ts';
import { makeApp } from './make-app.ts';
import { type Report, tellReport, withAndWithoutPrefix } from './report.ts';
import type { App, SandboxHost } from './state.ts';

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

const confirmed = async (call: Call, name: string): Promise<boolean> => {
  call.err(` !     WARNING: Potentially Destructive Action\n !     This command will destroy app ${name}.\n`);
  call.err(` !     To proceed, type "${name}"\n`);
  call.out('> ');
  const typed = await call.read();
  if (typed.trim() === name) return true;
  call.err(typed === '' ? ' !     EOF\n' : `Confirmation did not match test. Aborted.\n`);
  return false;
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
  if (!call.force && flags.size === 0 && !(await confirmed(call, app.name))) return 1;
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

const reportOf = (app: App): Report => ({
  heading: `${app.name} app information`,
  jsonKeys: withAndWithoutPrefix('app'),
  rows: [
    ['App created at', String(Math.floor(app.createdAt / 1_000))],
    ['App deploy source', app.properties.get('deploy-source') ?? ''],
    ['App deploy source metadata', app.properties.get('deploy-source-metadata') ?? ''],
    ['App dir', `/home/dokku/${app.name}`],
    ['App global disable autocreation', ''],
    ['App locked', String(app.locked)],
  ],
});

const report: Handler = (call, host) => {
  const [name] = call.words;
  if (name === undefined || name.startsWith('--')) {
    const flags = name === undefined ? [] : call.words;
    for (const key of [...host.state.apps.keys()].sort()) {
      tellReport(call, flags, reportOf(host.state.apps.get(key) as App));
    }
    return 0;
  }
  const app = findApp(call, host, name);
  return typeof app === 'number' ? app : tellReport(call, call.words.slice(1), reportOf(app));
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

/** Makes `to` of what `from` has; the exit code of doing so. */
const copy = (call: Call, host: SandboxHost, from: App, to: string): number => {
  const exit = make(call, host, to);
  const made = host.state.apps.get(to);
  if (made) made.envFile = from.envFile;
  return exit;
};

const source = (call: Call, host: SandboxHost): { from: App; to: string } | number => {
  const { positional, flags } = sortWords(call.words, { switches: ['--skip-deploy', '--ignore-existing'] });
  const from = findApp(call, host, positional[0]);
  if (typeof from === 'number') return from;
  const [, to] = positional;
  if (!to) return fail(call, 'Please specify a new app name');
  if (!isAppName(to)) return fail(call, nameRule);
  if (host.state.apps.has(to))
    return fail(call, 'Name is already taken', flags.has('--ignore-existing') ? 0 : 1);
  return { from, to };
};

const clone: Handler = (call, host) => {
  const both = source(call, host);
  if (typeof both === 'number') return both;
  arrow(call, `Cloning ${both.from.name} to ${both.to}`);
  return copy(call, host, both.from, both.to);
};

const rename: Handler = async (call, host) => {
  const both = source(call, host);
  if (typeof both === 'number') return both;
  arrow(call, `Renaming ${both.from.name} to ${both.to}`);
  const exit = copy(call, host, both.from, both.to);
  await remove(call, host, both.from);
  return exit;
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
  'apps:report': report,
  'apps:set': set,
  'apps:unlock': unlock,
};
