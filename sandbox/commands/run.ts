import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { findProgram } from '../databases/process.ts';
import { buildAppEnv } from '../deploys/release.ts';
import { fail, findApp, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import { formatColumns } from '../host/columns.ts';
import type { Plugin } from '../host/handler.ts';
import { readManifestOf } from '../host/image.ts';
import { isDeployed } from '../host/is-deployed.ts';
import { goJson } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { guardProgram, releaseProgram } from '../process-guard.ts';

const notFound = 127;

/** The commands of Dokku's run, enter, logs and cron plugins that aren't `report` or `set`. */
export const processes: Plugin = {
  'cron:list': cronList,
  'cron:run': withApp(cronRun, { switches: ['--detach'] }),
  enter: withApp(enter),
  logs: withApp(logs, { switches: ['-t', '--tail', '-q', '--quiet'], valued: ['-n', '--num', '-p', '--ps'] }),
  'logs:failed': failedLogs,
  run,
};

const cronFlags = { valued: ['--format'] };

function cronList(call: Call, host: SandboxHost): number | Promise<number> {
  const format = parseWords(call.words, cronFlags).flags.get('--format') ?? 'stdout';
  if (format !== 'stdout' && format !== 'json')
    return fail(call, 'Invalid format specified, supported formats: json, stdout');
  return withApp(listTasks, cronFlags)(call, host);
}

function listTasks({ call, app, flags }: AppRequest): number {
  const tasks = (readManifestOf(app)?.cron ?? []).map(({ command, schedule }) => ({
    id: cronId(app, command, schedule),
    app: app.name,
    command,
    schedule,
    concurrency_policy: 'allow',
    maintenance: false,
  }));
  if (flags.get('--format') === 'json') call.out(`${goJson(tasks)}\n`);
  else {
    const rows = tasks.map(({ id, schedule, command }) => [id, schedule, 'allow', 'false', command]);
    call.out(formatColumns([['ID', 'Schedule', 'Concurrency', 'Maintenance', 'Command'], ...rows]));
  }
  return 0;
}

function cronId(app: App, command: string, schedule: string): string {
  return Buffer.from(`${app.name}:::${command}:::${schedule}`).toString('hex').slice(0, 32);
}

async function cronRun({ call, host, app, rest }: AppRequest): Promise<number> {
  const hint = `Please specify a Cron ID from the output of 'dokku cron:list ${app.name}'`;
  const [id] = rest;
  if (id === undefined) return fail(call, hint);
  const task = (readManifestOf(app)?.cron ?? []).find((one) => cronId(app, one.command, one.schedule) === id);
  if (!task) return fail(call, `No matching Cron ID found. ${hint}`);
  return runAppCommand(call, host, app, ['sh', '-c', task.command]);
}

/**
 * Runs a command in the app's folder as a container would: without a shell or stdin, with the app's configuration.
 * Returns its exit code; 127 if the program doesn't exist.
 */
async function runAppCommand(
  call: Call,
  host: SandboxHost,
  app: App,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const [program, ...rest] = words;
  if (!app.image || program === undefined) return 0;
  const cwd = app.image.folder;
  const isThere = program.includes('/')
    ? existsSync(resolve(cwd, program))
    : (await findProgram(program, host.path.split(':'), [])) !== undefined;
  if (!isThere) return notFound;
  const env = { ...buildAppEnv({ app, state: host.state, path: host.path }, app.image), ...more };
  const guarded = guardProgram(program, rest);
  const child = execa(guarded.file, guarded.args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', guarded.pipe],
    buffer: false,
    encoding: 'buffer',
  });
  child.stdout.on('data', (chunk: Uint8Array) => call.out(chunk));
  child.stderr.on('data', (chunk: Uint8Array) => call.err(String(chunk)));
  const { exitCode, signal } = await child;
  releaseProgram(child.pid);
  // 128 plus the signal's number, as a shell reports it.
  return exitCode ?? (signal === 'SIGKILL' ? 137 : 143);
}

async function enter({ call, host, app, rest }: AppRequest): Promise<number> {
  const [type, ...words] = rest;
  if (!app.deployed) return 0;
  if (!app.web || app.web.hasEnded()) return fail(call, 'No containers found for app');
  if (type !== undefined && type !== '--' && !/^web(\.1)?$/.test(type)) {
    fail(call, `No containers found for type '${type}'`);
    return fail(call, `Available types for app (${app.name}): web`);
  }
  const command = words[0] === '--' ? words.slice(1) : words;
  // An interactive shell without a terminal ends at once.
  if (command.length === 0) return 0;
  const exit = await runAppCommand(call, host, app, command, { PORT: String(app.web.port) });
  if (exit !== notFound) return exit;
  call.err(
    `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0]}": executable file not found in $PATH: unknown\n`,
  );
  return notFound;
}

function logs({ call, host, app, flags }: AppRequest): number {
  if (!isDeployed(app)) return fail(call, `App ${app.name} has not been deployed`);
  const count = Number(flags.get('-n') ?? flags.get('--num') ?? 100);
  const plain = call.quiet || flags.has('-q') || flags.has('--quiet');
  const at = new Date(host.now()).toISOString();
  for (const line of count > 0 ? app.log.slice(-count) : app.log) {
    call.out(plain ? `${line}\n` : `\u001b[36m${at} app[web.1]:\u001b[0m ${line}\n`);
  }
  return 0;
}

function failedLogs(call: Call, host: SandboxHost): number {
  const names = call.words.includes('--all') ? [...host.state.apps.keys()].sort() : [call.words[0]];
  for (const name of names) {
    const app = findApp(call, host, name);
    if (typeof app === 'number') return app;
    if (!call.quiet) call.out(`=====> ${app.name} failed deploy logs\n`);
    call.err(' !     No failed containers found\n');
  }
  return 0;
}

function run(call: Call, host: SandboxHost): number | Promise<number> {
  const { words, env } = readRun(call.words);
  return withApp((request) => runIn(request, env))({ ...call, words }, host);
}

/** Reads the flags of `run` up to the app's name. Returns the words from there on unchanged. */
function readRun(words: readonly string[]): { env: string[]; words: readonly string[] } {
  const env: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    const [flag, value] = word.split(/=(.*)/s);
    if (flag === '-e' || flag === '--env') {
      env.push(value ?? words[at + 1] ?? '');
      if (value === undefined) at += 1;
    } else if (flag === '--ttl-seconds' || flag === '--cron-id' || flag === '--concurrency-policy') {
      if (value === undefined) at += 1;
    } else if (word !== '--no-tty' && word !== '--force-tty') return { env, words: words.slice(at) };
  }
  return { env, words: [] };
}

async function runIn(
  { call, host, app, rest: command }: AppRequest,
  env: readonly string[],
): Promise<number> {
  if (!app.image) return noImage(call, app);
  const more = Object.fromEntries(
    env.map((pair) => {
      const [key = '', value = ''] = pair.split(/=(.*)/s);
      return [key, value];
    }),
  );
  const exit = await runAppCommand(call, host, app, command, more);
  if (exit !== notFound) return exit;
  call.err(
    `Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${command[0]}": executable file not found in $PATH: unknown\n`,
  );
  return 1;
}

function noImage(call: Call, app: App): number {
  call.err(` !     App image (dokku/${app.name}:latest) not found\nError: No such image: \n`);
  call.err(" !     Invalid image stage detected: expected 'release', got ''\n");
  call.err(' !     Successfully deploy your app to fix dokku run calls\n');
  return 1;
}
