import { fail } from '../host/answers.ts';
import { setProperty } from '../host/app-properties.ts';
import { asBuild } from '../host/as-build.ts';
import type { Call } from '../host/call.ts';
import { writeCrontab } from '../host/crontab.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { isDeployed } from '../host/is-deployed.ts';
import { goJson } from '../host/report.ts';
import { retireDue } from '../host/retired.ts';
import { runningState } from '../host/running-state.ts';
import { formationsOf, updateScale } from '../host/scale.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's ps plugin that aren't `report` or `set`. */
export const ps: Plugin = {
  'ps:inspect': withApp(inspect),
  'ps:rebuild': captured(rebuild),
  'ps:restart': captured(restart),
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

/** Returns a handler whose whole output, errors too, Dokku captures as that of a build if an app is named. */
function captured(act: (request: AppRequest) => number | Promise<number>): Handler {
  return (call, host) => {
    const { command, words, out, err } = call;
    const run = (request: AppRequest) =>
      asBuild(host, request.app, { source: command, run: () => act(request) });
    return withApp(run)({ ...call, err: words.length === 0 ? err : out }, host);
  };
}

function rebuild({ call, host, app }: AppRequest): Promise<number> {
  const { out, reach } = call;
  return host.deploy(app, { out, source: 'ps:rebuild', from: 'build', reach, repeatsErrors: true });
}

function restart({ call, host, app, rest }: AppRequest): number | Promise<number> {
  if (!isDeployed(app)) return warnNotDeployed(app, call.out);
  const types = rest.length === 0 ? {} : { types: rest };
  const { out } = call;
  return host.deploy(app, { out, source: 'ps:restart', from: 'restart', repeatsErrors: true, ...types });
}

/** Prints a warning for an app that was never deployed. Returns exit code 0. */
function warnNotDeployed(app: App, write: (text: string) => void): number {
  write(` !     App ${app.name} has not been deployed\n`);
  return 0;
}

function retireContainers(call: Call, { state, now }: SandboxHost): number {
  call.out('-----> Retiring old containers and images\n');
  for (const app of state.apps.values())
    for (const line of retireDue(state, app, now())) call.out(`${line}\n`);
  call.out('-----> Retiring expired run containers\n-----> Retiring all run containers\n');
  return 0;
}

async function scale(request: AppRequest): Promise<number> {
  const { call, app, rest: tuples, flags } = request;
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
  const before = new Map(formationsOf(app));
  const problem = updateScale(app, { quantities: read, procfile: app.settings?.procfile });
  if (problem !== undefined) return fail(call, problem);
  if (flags.has('--skip-deploy') || !isDeployed(app)) return 0;
  const changed = [...read].filter(([type, quantity]) => before.get(type) !== quantity);
  for (const [type] of changed) {
    const exit = await deployType(request, type);
    if (exit !== 0) return exit;
  }
  return 0;
}

function deployType({ call: { out, err }, host, app }: AppRequest, type: string): Promise<number> {
  const from = 'restart';
  return host.deploy(app, { out, err, source: undefined, from, types: [type], repeatsErrors: true });
}

function printScale({ call, app, flags }: AppRequest): number {
  const formation = formationsOf(app);
  if (flags.get('--format') === 'json') {
    call.out(`${goJson(formation.map(([type, quantity]) => ({ process_type: type, quantity })))}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`-----> Scaling for ${app.name}\nproctype: qty\n--------: ---\n`);
  for (const [type, quantity] of formation) call.out(`${`${type}:`.padEnd(5)} ${quantity}\n`);
  return 0;
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
  const running = runningState(app);
  if (running === 'true') fail(call, `App ${app.name} already running`);
  else {
    const found = running === 'mixed' ? 'is running in mixed mode' : 'has been detected as not running';
    fail(call, `App ${found}, releasing`);
    const exit = await host.deploy(app, { out: call.out, source: 'deploy', from: 'release' });
    if (exit !== 0) return exit;
  }
  call.out(`-----> Ensuring network configuration is in sync for ${app.name}\n`);
  return host.rebuildProxy(call, app.name);
}

async function stop({ call, host, app }: AppRequest): Promise<number> {
  if (!isDeployed(app)) return warnNotDeployed(app, call.err);
  call.out(`-----> Stopping ${app.name}\n`);
  await Promise.all(app.containers.map((container) => container.stop()));
  setProperty(app, 'ps', 'restore', 'false');
  const written = writeCrontab(host.state);
  if (written !== undefined) call.out(`${written}\n`);
  return 0;
}
