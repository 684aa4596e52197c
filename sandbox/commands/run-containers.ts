import { fail, findApp, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import { formatColumns } from '../host/columns.ts';
import type { Plugin } from '../host/handler.ts';
import type { App, RunContainer, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's run plugin on the containers that `run` has started. */
export const runContainers: Plugin = {
  'run:list': withApp(list, { valued: ['--format'] }),
  'run:logs': logs,
  'run:retire': retire,
  'run:stop': stop,
};

function list({ call, host, app, flags }: AppRequest): number {
  const running = [...app.runs.values()].toReversed();
  if (flags.get('--format') === 'json') {
    const views = running.map(({ name, words, startedAt }) => ({
      name,
      state: 'running',
      command: `"${words.join(' ')}"`,
      created_at: `${new Date(startedAt).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`,
    }));
    call.out(`${JSON.stringify(views, undefined, 2)}\n`);
    return 0;
  }
  if (!call.quiet) call.out(`=====> ${app.name} run containers\n`);
  const rows = running.map(({ name, words, startedAt }) => [
    name,
    `"${words.join(' ')}"`,
    `${Math.round((host.now() - startedAt) / 1_000)} seconds ago`,
  ]);
  call.out(formatColumns([...(call.quiet ? [] : [['NAMES', 'COMMAND', 'CREATED']]), ...rows], '', '   '));
  return 0;
}

const named = { valued: ['--container', '-n', '--num'], switches: ['-t', '--tail', '-q', '--quiet'] };

interface Wanted {
  readonly app: App;
  /** The container's name; undefined for all of the app. */
  readonly name: string | undefined;
}

function logs(call: Call, host: SandboxHost): number {
  const wanted = findWanted(call, host);
  if (typeof wanted === 'number') return wanted;
  const { flags } = parseWords(call.words, named);
  const plain = call.quiet || flags.has('-q') || flags.has('--quiet');
  const at = new Date(host.now()).toISOString();
  for (const { name, log } of containersOf(wanted)) {
    const start = plain ? '' : `\u001b[36m${at} app[${name.split('.')[2]}]:\u001b[0m `;
    for (const line of log) call.out(`${start}${line}\n`);
  }
  return 0;
}

/** Returns what `--container NAME` or the app's name asks for, or the exit code if neither names anything. */
function findWanted(call: Call, host: SandboxHost): Wanted | number {
  const { positional, flags } = parseWords(call.words, named);
  const name = flags.get('--container');
  if (name === undefined) {
    if (positional.length === 0) return fail(call, 'No container or app specified');
    const app = findApp(call, host, positional[0]);
    return typeof app === 'number' ? app : { app, name };
  }
  const [owner, type, ...rest] = name.split('.');
  if (rest.length !== 1) return fail(call, `Invalid container name specified: ${name}`);
  if (type !== 'run') return fail(call, 'Specified container must be a run container');
  const app = findApp(call, host, owner);
  return typeof app === 'number' ? app : { app, name };
}

function containersOf({ app, name }: Wanted): RunContainer[] {
  return [...app.runs.values()].filter((container) => name === undefined || container.name === name);
}

/** Containers are removed when they end, so there is never one to retire. */
function retire(call: Call, host: SandboxHost): number {
  const [name] = call.words;
  if (name === undefined) {
    if (!call.quiet) call.out('-----> Retiring all run containers\n');
    return 0;
  }
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (!call.quiet) call.out(`-----> Retiring run containers for app ${app.name}\n`);
  return 0;
}

async function stop(call: Call, host: SandboxHost): Promise<number> {
  const wanted = findWanted(call, host);
  if (typeof wanted === 'number') return wanted;
  const containers = containersOf(wanted);
  if (containers.length === 0 && wanted.name !== undefined) {
    fail(call, 'Specified container does not exist');
    return 0;
  }
  if (containers.length === 0 && !call.quiet) call.out('No run containers exist\n');
  for (const container of containers) {
    await container.stop();
    call.out(`${container.name}\n`);
  }
  return 0;
}
