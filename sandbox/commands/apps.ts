import {
  arrow,
  confirm,
  detail,
  fail,
  isAppName,
  nameRule,
  parseWords,
  unknownFlag,
} from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import { createApp } from '../host/create-app.ts';
import { writeCrontab } from '../host/crontab.ts';
import { isLocked, removeLock } from '../host/deploy-lock.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, type Report } from '../host/report.ts';
import { retireDue } from '../host/retired.ts';
import { updateScale } from '../host/scale.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, type TargetRequest, withApp, withTarget } from '../host/with-app.ts';

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
    ['App locked', String(isLocked(app))],
  ],
};

const properties = ['deploy-source', 'deploy-source-metadata', 'disable-autocreation'];

/** Dokku's apps plugin. */
export const apps: Plugin = {
  apps: list,
  'apps:clone': withNewApp(clone),
  'apps:create': create,
  'apps:destroy': withApp(destroy, { switches: ['--force', '-f'] }),
  'apps:exists': withApp(() => 0),
  'apps:list': list,
  'apps:lock': withApp(lock),
  'apps:locked': withApp(locked),
  'apps:rename': withNewApp(rename),
  'apps:report': createReportHandler(report),
  'apps:set': withTarget(set),
  'apps:unlock': withApp(unlock),
};

function list(call: Call, host: SandboxHost): number {
  const { flags, unknown } = parseWords(call.words, { valued: ['--format'] });
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
}

interface CopyOptions {
  readonly from: App;
  readonly to: string;
  readonly skipDeploy: boolean;
}

/** Returns a handler for a command on an app and the name of a new app. */
function withNewApp(act: (call: Call, host: SandboxHost, options: CopyOptions) => Promise<number>): Handler {
  return withApp(
    ({ call, host, app: from, rest: [to], flags }) => {
      if (!to) return fail(call, 'Please specify a new app name');
      if (!isAppName(to)) return fail(call, nameRule);
      if (host.state.apps.has(to))
        return fail(call, 'Name is already taken', flags.has('--ignore-existing') ? 0 : 1);
      return act(call, host, { from, to, skipDeploy: flags.has('--skip-deploy') });
    },
    { switches: ['--skip-deploy', '--ignore-existing'] },
  );
}

async function clone(call: Call, host: SandboxHost, options: CopyOptions): Promise<number> {
  arrow(call, `Cloning ${options.from.name} to ${options.to}`);
  const exit = await copyApp(call, host, options);
  return exit || deployCopy(call, host, options);
}

/** Creates the app `to` with the configuration and the code of `from`. Returns the exit code. */
async function copyApp(call: Call, host: SandboxHost, { from, to }: CopyOptions): Promise<number> {
  const exit = addApp(call, host, to);
  const made = host.state.apps.get(to);
  if (!made) return exit;
  made.envFile = from.envFile;
  made.deployBranch = from.deployBranch;
  made.firstDeployDone = from.firstDeployDone;
  made.ports = [...from.ports];
  for (const [key, value] of from.properties) made.properties.set(key, value);
  updateScale(made, { quantities: from.scale, procfile: undefined });
  for (const [phase, options] of from.options) made.options.set(phase, [...options]);
  await host.repositories.copy(from.name, to);
  return exit;
}

function addApp(call: Call, host: SandboxHost, name: string): number {
  arrow(call, `Creating ${name}...`);
  call.reach('folder');
  createApp(host, name);
  arrow(call, 'Creating new app virtual host file...');
  call.reach('proxy');
  return host.rebuildProxy(call, name);
}

function deployCopy(
  call: Call,
  host: SandboxHost,
  { from, to, skipDeploy }: CopyOptions,
): number | Promise<number> {
  const made = host.state.apps.get(to);
  if (skipDeploy || !from.deployed || !made) return 0;
  return host.deploy(made, { out: call.out, source: 'git-hook', from: 'build' });
}

async function create(call: Call, host: SandboxHost): Promise<number> {
  const { positional, unknown } = parseWords(call.words, {});
  if (unknown) return unknownFlag(call, unknown);
  const [name] = positional;
  if (!name) return fail(call, 'Please specify an app to run the command on');
  if (!isAppName(name)) return fail(call, nameRule);
  if (host.state.apps.has(name)) return fail(call, 'Name is already taken');
  return addApp(call, host, name);
}

async function destroy({ call, host, app, flags }: AppRequest): Promise<number> {
  if (!call.force && flags.size === 0 && !(await confirm(call, 'app', app.name))) return 1;
  await removeApp(call, host, app);
  return 0;
}

async function removeApp(call: Call, host: SandboxHost, app: App): Promise<void> {
  arrow(call, `Destroying ${app.name} (including all add-ons)`);
  call.reach('unlink');
  for (const service of host.services()) {
    detail(call, `Unlinking from ${service.name}`);
    service.links.delete(app.name);
  }
  const schedule = (): void => {
    const written = writeCrontab(host.state);
    if (written !== undefined) call.out(`${written}\n`);
  };
  const onCleanup = (): void => {
    // Once when the app is stopped, and once by the plugin's own hook.
    schedule();
    arrow(call, 'Cleaning up...');
    arrow(call, 'Retiring old containers and images');
    for (const line of retireDue(host.state, app, host.now())) call.out(`${line}\n`);
  };
  await host.removeApp(app, { reach: call.reach, onStopped: schedule, onCleanup });
}

function lock({ call, app }: AppRequest): number {
  app.lockFile = '';
  arrow(call, 'Deploy lock created');
  return 0;
}

function locked({ call, app }: AppRequest): number {
  if (!isLocked(app)) return fail(call, 'Deploy lock does not exist');
  call.out('Deploy lock exists\n');
  return 0;
}

async function rename(call: Call, host: SandboxHost, options: CopyOptions): Promise<number> {
  arrow(call, `Renaming ${options.from.name} to ${options.to}`);
  const exit = await copyApp(call, host, options);
  await removeApp(call, host, options.from);
  return exit || deployCopy(call, host, options);
}

function set({ call, host, app, isGlobal, rest }: TargetRequest): number {
  const [key, value] = rest;
  if (!key || !properties.includes(key)) {
    return fail(call, `Invalid property specified, valid properties include: ${properties.join(', ')}`);
  }
  if (!isGlobal && value !== undefined) app.properties.set(key, value);
  if (!isGlobal && value === undefined) app.properties.delete(key);
  if (key === 'disable-autocreation') host.state.autocreation = value !== 'true';
  call.out(value === undefined ? `=====> Unsetting ${key}\n` : `=====> Setting ${key} to ${value}\n`);
  return 0;
}

function unlock({ call, app }: AppRequest): number {
  if (!isLocked(app)) return fail(call, 'Unable to remove deploy lock');
  fail(call, 'A deploy may be in progress.\nRemoving the app lock will not stop in progress deploys.');
  removeLock(app);
  arrow(call, 'Deploy lock removed');
  return 0;
}
