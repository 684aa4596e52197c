import { fail, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import { formatColumns } from '../host/columns.ts';
import type { Plugin } from '../host/handler.ts';
import { readManifestOf } from '../host/image.ts';
import { goJson } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { runInApp } from './run.ts';

/** The commands of Dokku's cron plugin that aren't `report` or `set`. */
export const cron: Plugin = {
  'cron:list': list,
  'cron:run': withApp(run, { switches: ['--detach'] }),
};

const flags = { valued: ['--format'] };

function list(call: Call, host: SandboxHost): number | Promise<number> {
  const format = parseWords(call.words, flags).flags.get('--format') ?? 'stdout';
  if (format !== 'stdout' && format !== 'json')
    return fail(call, 'Invalid format specified, supported formats: json, stdout');
  return withApp(listTasks, flags)(call, host);
}

function listTasks({ call, app, flags: given }: AppRequest): number {
  const tasks = (readManifestOf(app)?.cron ?? []).map(({ command, schedule }) => ({
    id: idOf(app, command, schedule),
    app: app.name,
    command,
    schedule,
    concurrency_policy: 'allow',
    maintenance: false,
  }));
  if (given.get('--format') === 'json') call.out(`${goJson(tasks)}\n`);
  else {
    const rows = tasks.map(({ id, schedule, command }) => [id, schedule, 'allow', 'false', command]);
    call.out(formatColumns([['ID', 'Schedule', 'Concurrency', 'Maintenance', 'Command'], ...rows]));
  }
  return 0;
}

function idOf(app: App, command: string, schedule: string): string {
  return Buffer.from(`${app.name}:::${command}:::${schedule}`).toString('hex').slice(0, 32);
}

async function run({ call, host, app, rest }: AppRequest): Promise<number> {
  const hint = `Please specify a Cron ID from the output of 'dokku cron:list ${app.name}'`;
  const [id] = rest;
  if (id === undefined) return fail(call, hint);
  const task = (readManifestOf(app)?.cron ?? []).find((one) => idOf(app, one.command, one.schedule) === id);
  if (!task) return fail(call, `No matching Cron ID found. ${hint}`);
  return runInApp(call, host, { app, words: ['sh', '-c', task.command], type: 'cron' });
}
