import { ownProperty } from '../host/app-properties.ts';
import type { App, SandboxState } from '../host/state.ts';
import { mountsOf } from '../host/storage.ts';

/** The container to create: one of a process, or one of a script. */
export interface DockerRun {
  readonly phase: 'deploy' | 'run';
  /** The process type, whose resource limits apply; scripts have none. */
  readonly type?: string;
}

/**
 * Returns what Docker would print instead of creating a container of an app, undefined if it would create one: about an
 * option, a limit, a network or a mount of the app.
 */
export function findDockerProblem(state: SandboxState, app: App, run: DockerRun): string | undefined {
  const options = app.options.get(run.phase) ?? [];
  return (
    findOptionProblem(options.flatMap((option) => option.split(/\s+/))) ??
    findLimitProblem(app, run.type) ??
    findNetworkProblem(state, app) ??
    findMountProblem(state, app, run.phase)
  );
}

/** As `findDockerProblem` for `run`, whose variables Docker gets unquoted. */
export function findRunProblem(
  state: SandboxState,
  app: App,
  variables: readonly string[],
): string | undefined {
  const words = variables.flatMap((pair) => `--env=${pair}`.split(/\s+/));
  return findOptionProblem(words) ?? findDockerProblem(state, app, { phase: 'run' });
}

/** Docker's options that take no value, as far as an app may need them. */
const switches: readonly string[] = [
  '--init',
  '--privileged',
  '--publish-all',
  '-P',
  '--read-only',
  '-t',
  '-i',
];

const knownOptions =
  /^(-[acehlmpuvw]|--(add-host|annotation|blkio-weight|cap-(add|drop)|cgroup(ns|-parent)|cpus?|cpu-\S+|cpuset-\S+|device(-\S+)?|dns(-\S+)?|domainname|entrypoint|env(-file)?|expose|gpus|group-add|health-\S+|hostname|ip6?|ipc|isolation|label(-file)?|link|log-(driver|opt)|mac-address|memory(-\S+)?|mount|name|net(work)?(-alias)?|no-healthcheck|oom-\S+|pid(s-limit)?|platform|publish|pull|restart|runtime|security-opt|shm-size|stop-(signal|timeout)|storage-opt|sysctl|tmpfs|ulimit|user(ns)?|uts|volume(-driver|s-from)?|workdir))$/;

const usage = `
Usage:  docker container create [OPTIONS] IMAGE [COMMAND] [ARG...]

Run 'docker container create --help' for more information`;

/** Finds an unknown option, and the first word that isn't one: Docker takes it for the image. */
function findOptionProblem(words: readonly string[]): string | undefined {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    const [name = '', value] = word.split(/=(.*)/s);
    if (!word.startsWith('-')) {
      if (word === '') continue;
      const image = word.includes(':') ? word : `${word}:latest`;
      return `Unable to find image '${image}' locally\nError response from daemon: Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host\n`;
    }
    if (switches.includes(name)) continue;
    if (!knownOptions.test(name)) return `unknown flag: ${name}\n${usage}`;
    if (value === undefined) at += 1;
  }
  return undefined;
}

/** Finds a memory limit that Docker refuses. Without a unit it is in megabytes. */
function findLimitProblem(app: App, type: string | undefined): string | undefined {
  if (type === undefined) return undefined;
  const limit =
    ownProperty(app, 'resource', `${type}.limit.memory`) ||
    ownProperty(app, 'resource', '_default_.limit.memory');
  if (limit === '') return undefined;
  const size = /[bkmg]$/i.test(limit) ? limit : `${limit}m`;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([bkmg])$/i.exec(size) ?? [];
  if (number === undefined)
    return `invalid argument "${size}" for "-m, --memory" flag: invalid size: '${size}'\n${usage}`;
  const megabytes = Number(number) * (unitSizes.get(unit.toLowerCase()) ?? 1);
  return megabytes < 6 ? 'Error response from daemon: Minimum memory limit allowed is 6MB' : undefined;
}

const unitSizes: ReadonlyMap<string, number> = new Map([
  ['b', 2 ** -20],
  ['k', 2 ** -10],
  ['m', 1],
  ['g', 2 ** 10],
]);

function findNetworkProblem(state: SandboxState, app: App): string | undefined {
  const name =
    ownProperty(app, 'network', 'initial-network') || ownProperty(state.global, 'network', 'initial-network');
  return name === '' || isNetwork(state, name)
    ? undefined
    : `Error response from daemon: network ${name} not found`;
}

/** Returns whether Docker has a network. */
export function isNetwork({ networks }: SandboxState, name: string): boolean {
  return ['bridge', 'host', 'none'].includes(name) || networks.has(name);
}

function findMountProblem(state: SandboxState, app: App, phase: string): string | undefined {
  const paths = mountsOf(state, app, phase).map(({ container_path }) => container_path);
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  return twice === undefined ? undefined : `Error response from daemon: Duplicate mount point: ${twice}\n`;
}
