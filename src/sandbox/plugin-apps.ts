import { arrow, detail, fail, findApp, isAppName, nameRule, sortWords, unknownFlag } from './answers.ts';
import type { Call, Handler, Plugin } from './call.ts';
import { makeApp } from './make-app.ts';

const create: Handler = async (call, host) => {
  const { positional, unknown } = sortWords(call.words, {});
  if (unknown) return unknownFlag(call, unknown);
  const [name] = positional;
  if (!name) return fail(call, 'Please specify an app to run the command on');
  if (!isAppName(name)) return fail(call, nameRule);
  if (host.state.apps.has(name)) return fail(call, 'Name is already taken');
  arrow(call, `Creating ${name}...`);
  makeApp(host, name);
  return host.rebuildProxy(call, name);
};

const confirmed = async (call: Call, name: string): Promise<boolean> => {
  call.err(` !     WARNING: Potentially Destructive Action\n !     This command will destroy app ${name}.\n`);
  call.err(` !     To proceed, type "${name}"\n`);
  const typed = await call.read();
  if (typed.trim() === name) return true;
  call.err(typed === '' ? ' !     EOF\n' : `Confirmation did not match test. Aborted.\n`);
  return false;
};

const destroy: Handler = async (call, host) => {
  const { positional, flags } = sortWords(call.words, { switches: ['--force', '-f'] });
  const app = findApp(call, host, positional[0]);
  if (typeof app === 'number') return app;
  if (!call.force && flags.size === 0 && !(await confirmed(call, app.name))) return 1;
  arrow(call, `Destroying ${app.name} (including all add-ons)`);
  for (const service of host.services()) {
    detail(call, `Unlinking from ${service.name}`);
    service.links.delete(app.name);
  }
  await host.removeApp(app);
  arrow(call, 'Cleaning up...');
  arrow(call, 'Retiring old containers and images');
  return 0;
};

const exists: Handler = (call, host) => {
  const app = findApp(call, host, call.words[0]);
  return typeof app === 'number' ? app : 0;
};

const list: Handler = (call, host) => {
  if (!call.quiet) call.out('=====> My Apps\n');
  for (const name of [...host.state.apps.keys()].sort()) call.out(`${name}\n`);
  return 0;
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
  if (!app.locked && !app.deploying) return fail(call, 'Deploy lock does not exist');
  app.locked = false;
  arrow(call, 'Deploy lock removed');
  return 0;
};

/** Dokku's apps plugin. */
export const apps: Plugin = {
  apps: list,
  'apps:create': create,
  'apps:destroy': destroy,
  'apps:exists': exists,
  'apps:list': list,
  'apps:lock': lock,
  'apps:locked': locked,
  'apps:unlock': unlock,
};
