import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { isDeployed } from '../host/is-deployed.ts';
import { goJson } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's ps plugin that aren't `report` or `set`. */
export const ps: Plugin = {
  'ps:inspect': withApp(inspect),
  'ps:rebuild': rebuild,
  'ps:restart': withApp(restart),
  'ps:retire': retireContainers,
  'ps:scale': withApp(scale, { switches: ['--skip-deploy'], valued: ['--format'] }),
  'ps:start': withApp(start),
  'ps:stop': withApp(stop),
};

function inspect({ call, app }: AppRequest): number {
  if (!app.web) return fail(call, "docker: 'docker container inspect' requires at least 1 argument");
  call.out(`${JSON.stringify([{ Id: app.container, Name: `/${app.name}.web.1` }], undefined, 4)}\n`);
  return 0;
}

// Dokku captures a build's output into its log, so errors are written to stdout as well.
function rebuild(call: Call, host: SandboxHost): number | Promise<number> {
  const { out, reach } = call;
  const build = ({ app }: AppRequest) =>
    host.deploy(app, { out, source: 'ps-rebuild', from: 'build', reach });
  return withApp(build)({ ...call, err: out }, host);
}

function restart({ call, host, app, rest }: AppRequest): number | Promise<number> {
  if (!isDeployed(app)) return warnNotDeployed(app, call.out);
  const types = rest.length === 0 ? {} : { types: rest };
  return host.deploy(app, { out: call.out, source: 'ps-restart', from: 'restart', ...types });
}

/** Prints a warning for an app that was never deployed. Returns exit code 0. */
function warnNotDeployed(app: App, write: (text: string) => void): number {
  write(` !     App ${app.name} has not been deployed\n`);
  return 0;
}

function retireContainers(call: Call): number {
  call.out('-----> Retiring old containers and images\n');
  call.out('-----> Retiring expired run containers\n-----> Retiring all run containers\n');
  return 0;
}

async function scale(request: AppRequest): Promise<number> {
  const { call, host, app, rest: tuples, flags } = request;
  if (tuples.length === 0) return printScale(request);
  if (!app.canScale) {
    return fail(
      call,
      `App ${app.name} contains an app.json file with a formations key and cannot be manually scaled`,
    );
  }
  call.out(`-----> Scaling ${app.name} processes: ${tuples.join(' ')}\n`);
  const read = readTuples(tuples);
  if (typeof read === 'string') return fail(call, read);
  const types = app.settings?.procfile && [...app.settings.procfile.keys()];
  const unknown = [...read].find(([type, quantity]) => types && quantity !== 0 && !types.includes(type));
  if (unknown) return fail(call, `${unknown[0]} is not a valid process name to scale up`);
  const changed = [...read]
    .filter(([type, quantity]) => app.scale.get(type) !== quantity)
    .map(([type]) => type);
  for (const [type, quantity] of read) app.scale.set(type, quantity);
  if (!isDeployed(app) || changed.length === 0 || flags.has('--skip-deploy')) return 0;
  const { out, err } = call;
  return host.deploy(app, { out, err, source: 'ps-scale', from: 'restart', types: changed });
}

function printScale({ call, app, flags }: AppRequest): number {
  const formation = formationOf(app);
  if (flags.get('--format') === 'json') {
    call.out(`${goJson(formation.map(([type, quantity]) => ({ process_type: type, quantity })))}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`-----> Scaling for ${app.name}\nproctype: qty\n--------: ---\n`);
  for (const [type, quantity] of formation) call.out(`${`${type}:`.padEnd(5)} ${quantity}\n`);
  return 0;
}

function formationOf(app: App): [string, number][] {
  return [...app.scale].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Parses words like `web=2`. Returns an error message if one is invalid. */
function readTuples(tuples: readonly string[]): Map<string, number> | string {
  const read = new Map<string, number>();
  for (const tuple of tuples) {
    const [type = '', count] = tuple.split(/=(.*)/s);
    if (count === undefined) return `Missing count for process type ${tuple}`;
    if (!/^[+-]?\d+$/.test(count.trim())) return `Invalid count for process type ${type}`;
    if (!read.has(type)) read.set(type.trim(), Number(count));
  }
  return read;
}

async function start({ call, host, app }: AppRequest): Promise<number> {
  if (!isDeployed(app)) return warnNotDeployed(app, call.err);
  if (app.web && !app.web.hasEnded()) return 0;
  fail(call, 'App has been detected as not running, releasing');
  const exit = await host.deploy(app, { out: call.out, source: 'ps-start', from: 'release' });
  if (exit !== 0) return exit;
  call.out(`-----> Ensuring network configuration is in sync for ${app.name}\n`);
  return host.rebuildProxy(call, app.name);
}

async function stop({ call, app }: AppRequest): Promise<number> {
  if (!isDeployed(app)) return warnNotDeployed(app, call.err);
  call.out(`-----> Stopping ${app.name}\n`);
  await Promise.all(app.containers.map((container) => container.stop()));
  return 0;
}
