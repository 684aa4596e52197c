import { setTimeout as sleep } from 'node:timers/promises';
import { closeBuild } from '../deploys/records.ts';
import { fail, parseWords } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import { formatColumns } from '../host/columns.ts';
import { removeLock } from '../host/deploy-lock.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App, Build, SandboxHost } from '../host/state.ts';
import { type AppRequest, type TargetRequest, withApp, withTarget } from '../host/with-app.ts';

/** How many builds are kept per app by default. */
const defaultRetention = '20';

const report: Report = {
  title: 'builds',
  prefix: 'builds',
  bothKeys: true,
  rows: (app, { state }) => {
    const last = app.builds.at(-1);
    const own = ownProperty(app, 'builds', 'retention');
    const shared = ownProperty(state.global, 'builds', 'retention');
    return [
      ['Build exit code', last?.exitCode?.toString() ?? ''],
      ['Build finished at', last?.finishedAt === undefined ? '' : formatTime(last.finishedAt)],
      ['Build id', last?.id ?? ''],
      ['Build kind', last?.kind ?? ''],
      ['Build pid', last?.pid.toString() ?? ''],
      ['Build source', last?.source ?? ''],
      ['Build started at', last ? formatTime(last.startedAt) : ''],
      ['Build status', last?.status ?? ''],
      ['Builds computed retention', own || shared || defaultRetention],
      ['Builds global retention', shared],
      ['Builds retention', own],
    ];
  },
  globalRows: (app) => [['Builds global retention', ownProperty(app, 'builds', 'retention')]],
};

/** Dokku's builds plugin. */
export const builds: Plugin = {
  'builds:cancel': withApp(cancel),
  'builds:info': withApp(info, { valued: ['--format'] }),
  'builds:list': list,
  'builds:output': withApp(output),
  'builds:report': createReportHandler(report),
  'builds:set': withTarget(set),
};

function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Cancels the build that the lock file names. Whatever it finds, it exits with 0 (Dokku's `CommandCancel`). */
function cancel({ call, host, app }: AppRequest): number {
  const print = (line: string): number => {
    call.out(`-----> ${line}\n`);
    return 0;
  };
  const { lockFile: id, deployController } = app;
  if (id === undefined) return print('App not currently deploying');
  if (id === '') return print('No matching app deploy found');
  const build = app.builds.find((one) => one.id === id);
  if (build && build.status !== 'running' && build.status !== 'abandoned')
    return print(`Build ${id} is no longer running (status=${build.status}); leaving record untouched`);
  removeLock(app);
  if (!build) return print(`No build record for ${id}, removing stale lock file`);
  if (build.status === 'abandoned') {
    closeBuild(build, { status: 'failed', at: host.now() });
    return print('Build was already terminated, marking failed');
  }
  closeBuild(build, { status: 'canceled', at: host.now() });
  deployController?.abort('canceled');
  return print('Killing app deploy');
}

function info({ call, host, app, rest, flags }: AppRequest): number {
  const [id] = rest;
  if (id === undefined) return fail(call, 'Please specify a build id');
  const build = app.builds.find((one) => one.id === id);
  if (!build) return fail(call, `No build record found for ${app.name}/${id}`);
  if (flags.get('--format') === 'json') {
    call.out(`${goJson(view(app, build, host.now()))}\n`);
    return 0;
  }
  const rows: [string, string | undefined][] = [
    ['Build ID', id],
    ['App', app.name],
    ['Kind', build.kind],
    ['Status', build.status],
    ['PID', String(build.pid)],
    ['Source', build.source],
    ['Started', formatTime(build.startedAt)],
    ['Finished', build.finishedAt === undefined ? undefined : formatTime(build.finishedAt)],
    ['Duration', formatDuration(build, host.now())],
    ['Exit Code', build.exitCode?.toString()],
    ['Log', logPath(app, build)],
  ];
  call.out(
    formatColumns(rows.flatMap(([label, value]) => (value === undefined ? [] : [[`${label}:`, value]]))),
  );
  return 0;
}

function view(app: App, build: Build, now: number): Record<string, unknown> {
  return {
    id: build.id,
    app: app.name,
    kind: build.kind,
    pid: build.pid,
    started_at: new Date(build.startedAt).toISOString(),
    ...(build.finishedAt === undefined ? {} : { finished_at: new Date(build.finishedAt).toISOString() }),
    status: storedStatus(build),
    source: build.source,
    ...(build.exitCode === undefined ? {} : { exit_code: build.exitCode }),
    display_status: build.status,
    duration: formatDuration(build, now),
    log_path: logPath(app, build),
  };
}

/** Returns the status in the build's record, where an abandoned build is still `running`. */
function storedStatus({ status }: Build): string {
  return status === 'abandoned' ? 'running' : status;
}

/** Formats a build's duration as Go does: `1m1s`. */
function formatDuration({ startedAt, finishedAt }: Build, now: number): string {
  const all = Math.round(((finishedAt ?? now) - startedAt) / 1_000);
  const [hours, minutes] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ''}${all >= 60 ? `${minutes}m` : ''}${all % 60}s`;
}

function logPath(app: App, { id }: Build): string {
  return `/var/lib/dokku/data/builds/${app.name}/${id}.log`;
}

const listFlags = { valued: ['--format', '--kind', '--status'] };

function list(call: Call, host: SandboxHost): number | Promise<number> {
  const { positional, flags } = parseWords(call.words, listFlags);
  const format = flags.get('--format') ?? 'stdout';
  if (format !== 'stdout' && format !== 'json')
    return fail(call, 'Invalid format specified, supported formats: json, stdout');
  const [kind, status] = [flags.get('--kind'), flags.get('--status')];
  const problem = filterProblem(kind, status);
  if (problem !== undefined) return fail(call, problem);
  if (positional.length === 0) return listRunning(call, host, { json: format === 'json', kind, status });
  return withApp(listOfApp, listFlags)(call, host);
}

const statuses = ['running', 'succeeded', 'failed', 'canceled', 'abandoned'];

function filterProblem(kind: string | undefined, status: string | undefined): string | undefined {
  if (kind !== undefined && kind !== 'build' && kind !== 'deploy')
    return `Invalid --kind value "${kind}" (allowed: build, deploy)`;
  if (status !== undefined && !statuses.includes(status))
    return `Invalid --status value "${status}" (allowed: ${statuses.join(', ')})`;
  return undefined;
}

interface Filter {
  readonly json: boolean;
  readonly kind: string | undefined;
  readonly status: string | undefined;
}

function listRunning(call: Call, { state, now }: SandboxHost, { json, kind, status }: Filter): number {
  const running = [...state.apps.values()].flatMap((app) =>
    app.builds
      .filter((build) => storedStatus(build) === 'running' && isWanted(build, { kind, status }))
      .map((build) => ({ app, build })),
  );
  running.sort((a, b) => b.build.startedAt - a.build.startedAt);
  if (json) call.out(`${goJson(running.map(({ app, build }) => view(app, build, now())))}\n`);
  else if (running.length === 0) call.out('No builds currently running\n');
  else {
    const rows = running.map(({ app, build: { id, kind: made, pid, source, startedAt } }) => [
      app.name,
      id,
      made,
      String(pid),
      source,
      formatTime(startedAt),
    ]);
    call.out(formatColumns([['App', 'Build ID', 'Kind', 'PID', 'Source', 'Started'], ...rows]));
  }
  return 0;
}

function isWanted(build: Build, { kind, status }: Pick<Filter, 'kind' | 'status'>): boolean {
  return (kind ?? build.kind) === build.kind && (status ?? build.status) === build.status;
}

function listOfApp({ call, host, app, flags }: AppRequest): number {
  const [kind, status] = [flags.get('--kind'), flags.get('--status')];
  const kept = Number(ownProperty(app, 'builds', 'retention') || defaultRetention);
  const listed = app.builds
    .filter((build) => isWanted(build, { kind, status }))
    .toReversed()
    .slice(0, kept);
  if (flags.get('--format') === 'json')
    call.out(`${goJson(listed.map((build) => view(app, build, host.now())))}\n`);
  else if (listed.length === 0) call.out('No builds recorded for this app\n');
  else {
    const rows = listed.map((build) => [
      build.id,
      build.kind,
      build.status,
      String(build.pid),
      build.source,
      formatTime(build.startedAt),
      formatDuration(build, host.now()),
    ]);
    call.out(
      formatColumns([['Build ID', 'Kind', 'Status', 'PID', 'Source', 'Started', 'Duration'], ...rows]),
    );
  }
  return 0;
}

/** Prints the output of a build. That of one that runs is followed, and never ends, as Dokku's `tail -f`. */
async function output({ call, app, rest: [asked = 'current'] }: AppRequest): Promise<number> {
  const id = asked === 'current' ? app.lockFile : asked;
  if (id === undefined || id === '') {
    const why = id === '' ? 'No matching app deploy found' : 'App not currently deploying';
    call.out(`-----> ${why}\n`);
    return 0;
  }
  const build = app.builds.find((one) => one.id === id);
  if (!build) return 0;
  const isFollowed = build.status === 'running';
  let printed = isFollowed ? Math.max(0, build.log.length - 1_000) : 0;
  do {
    for (const line of build.log.slice(printed)) call.out(`${line}\n`);
    printed = build.log.length;
    if (isFollowed) await sleep(50);
  } while (isFollowed && !call.isClosed() && app.builds.includes(build));
  return 0;
}

function set({ call, app, rest }: TargetRequest): number {
  const [key, value = ''] = rest;
  if (key !== 'retention') return fail(call, `Invalid property "${key ?? ''}" (allowed: retention)`);
  setProperty(app, 'builds', key, value);
  call.out(value === '' ? `=====> Unsetting ${key}\n` : `=====> Setting ${key} to ${value}\n`);
  return 0;
}
