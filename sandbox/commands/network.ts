import { createHash } from 'node:crypto';
import { confirm, fail, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';
import { goJson } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's network plugin that aren't `report` or `set`. Networks are only names: the sandbox has no Docker. */
export const network: Plugin = {
  'network:create': create,
  'network:destroy': destroy,
  'network:exists': exists,
  'network:info': info,
  'network:list': list,
  'network:rebuild': withApp(rebuild),
  'network:rebuildall': (call, { state }) => {
    for (const name of state.apps.keys())
      call.out(`-----> Ensuring network configuration is in sync for ${name}\n`);
    return 0;
  },
};

/** The networks that every Docker host has, with their drivers. */
const builtIn: Readonly<Record<string, string>> = { bridge: 'bridge', host: 'host', none: 'null' };

function create(call: Call, { state }: SandboxHost): number {
  const [name = ''] = call.words;
  if (!call.quiet) call.out(`-----> Creating network ${name}\n`);
  const problem =
    name === ''
      ? 'Error response from daemon: network name cannot be empty'
      : name in builtIn
        ? `Error response from daemon: operation is not permitted on predefined ${name} network`
        : state.networks.has(name)
          ? `Error response from daemon: network with name ${name} already exists`
          : undefined;
  // Docker's message keeps its own newline.
  if (problem !== undefined) {
    call.err(` !     Unable to create network: ${problem}\n\n`);
    return 1;
  }
  state.networks.add(name);
  return 0;
}

async function destroy(call: Call, { state }: SandboxHost): Promise<number> {
  const { positional, flags } = parseWords(call.words, { switches: ['--force', '-f'] });
  const [name = ''] = positional;
  if (!call.force && flags.size === 0 && !(await confirm(call, 'network', name))) return 1;
  if (!call.quiet) call.out(`-----> Destroying network ${name}\n`);
  const isUsed = [...state.apps.values()].some((app) => isAttached(app, name));
  if (!isUsed && state.networks.delete(name)) return 0;
  // Docker's message keeps its own newlines: only its first line has the warning prefix.
  const why = isUsed
    ? `Error response from daemon: error while removing network: network ${name} id ${idOf(name)} has active endpoints`
    : `Error response from daemon: network ${name} not found`;
  call.err(` !     Unable to destroy network: ${why}\nexit status 1\n\n`);
  return 1;
}

/** Returns whether a running container is attached to a network. */
function isAttached(app: App, name: string): boolean {
  return app.containers.some((container) => !container.hasEnded() && container.networks.includes(name));
}

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

function exists(call: Call, host: SandboxHost): number {
  const [name] = call.words;
  if (name === undefined) return fail(call, 'No network name specified');
  if (!namesOf(host).includes(name)) return fail(call, 'Network does not exist');
  if (!call.quiet) call.out('-----> Network exists\n');
  return 0;
}

function namesOf({ state }: SandboxHost): string[] {
  return [...[...state.networks].sort(), ...Object.keys(builtIn)];
}

function info(call: Call, host: SandboxHost): number {
  const { positional, flags } = parseWords(call.words, { valued: ['--format'] });
  const [name] = positional;
  const format = flags.get('--format') ?? 'text';
  if (name === undefined) return fail(call, 'No network name specified');
  if (format !== 'json' && format !== 'text')
    return fail(call, 'Invalid format specified, use either text or json');
  if (!namesOf(host).includes(name)) return fail(call, 'Network does not exist');
  const network = view(name);
  if (format === 'json') {
    call.out(`${goJson(network)}\n`);
    return 0;
  }
  const rows = [
    ['ID', network.ID],
    ['Name', name],
    ['Driver', network.Driver],
    ['Scope', network.Scope],
    ['Dokku managed', String(network.DokkuManaged)],
  ] as const;
  if (!call.quiet) call.out(`=====> ${name} network information\n`);
  for (const [label, value] of rows) call.out(`       ${`${label}:`.padEnd(16)}${value}\n`);
  return 0;
}

// Dokku 0.38.27 reports the same time for each network.
const createdAt = '2024-02-25T01:55:24.275184461Z';

function view(name: string) {
  return {
    CreatedAt: createdAt,
    DokkuManaged: !(name in builtIn),
    Driver: builtIn[name] ?? 'bridge',
    ID: idOf(name).slice(0, 12),
    Internal: false,
    IPv6: false,
    Labels: name in builtIn ? {} : { 'com.dokku.network-name': name },
    Name: name,
    Scope: 'local',
  };
}

function list(call: Call, host: SandboxHost): number {
  const { flags } = parseWords(call.words, { switches: ['--dokku-managed'], valued: ['--format'] });
  const names = namesOf(host).filter((name) => !flags.has('--dokku-managed') || !(name in builtIn));
  if (flags.get('--format') === 'json') call.out(`${goJson(names.map(view))}\n`);
  else {
    if (!call.quiet) call.out('=====> Networks\n');
    for (const name of names) call.out(`${name}\n`);
  }
  return 0;
}

function rebuild({ call, app }: AppRequest): number {
  if (app.deployed) call.out(`-----> Ensuring network configuration is in sync for ${app.name}\n`);
  return 0;
}
