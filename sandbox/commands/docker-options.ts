import { fail, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const phases = ['build', 'deploy', 'run'];

const wrongPhase = `Phase(s) must be one of [${phases.join(' ')}]`;

/** Dokku's docker-options plugin. The options are stored and reported; the sandbox has no Docker to pass them to. */
export const dockerOptions: Plugin = {
  'docker-options:add': createChangeHandler('add', (options, option) => [...options, option]),
  'docker-options:clear': withApp(clear),
  'docker-options:list': withApp(list, { valued: ['--process', '--phase'] }),
  'docker-options:remove': createChangeHandler('remove', (options, option) =>
    options.filter((one) => one !== option),
  ),
  'docker-options:report': reportCommand,
};

/** Returns a handler that changes an app's options in the phases that the command names. */
function createChangeHandler(
  verb: 'add' | 'remove',
  change: (options: readonly string[], option: string) => string[],
): Handler {
  return withApp(({ call, app, rest: [named = '', ...words] }) => {
    const option = words.join(' ').trim();
    if (option === '') {
      const where = verb === 'add' ? 'add to' : 'remove from';
      return fail(call, `Please specify docker options to ${where} the phase`);
    }
    const wanted = readPhases(named);
    if (!wanted) return fail(call, wrongPhase);
    for (const phase of wanted) app.options.set(phase, change(app.options.get(phase) ?? [], option));
    return 0;
  });
}

function readPhases(text: string): string[] | undefined {
  const named = text.split(',');
  return named.every((phase) => phases.includes(phase)) ? named : undefined;
}

function clear({ call, app, rest }: AppRequest): number {
  const [named] = rest;
  if (named === undefined) {
    call.out(`-----> Clearing docker-options for ${app.name} on all phases\n`);
    app.options.clear();
    return 0;
  }
  const wanted = readPhases(named);
  if (!wanted) return fail(call, wrongPhase);
  for (const phase of wanted) {
    call.out(`-----> Clearing docker-options for ${app.name} on phase ${phase}\n`);
    app.options.delete(phase);
  }
  return 0;
}

/** Lists the options of a phase. The sandbox stores only options of all process types, not of one. */
function list({ call, app, flags }: AppRequest): number {
  const [named] = readPhases(flags.get('--phase') ?? '') ?? [];
  if (named === undefined) return fail(call, wrongPhase);
  if (flags.has('--process')) return 0;
  for (const option of app.options.get(named) ?? []) call.out(`${option}\n`);
  return 0;
}

const report: Report = {
  title: 'docker-options',
  prefix: 'docker-options',
  bothKeys: true,
  rows: (app, host) =>
    phases.map((phase) => [`Docker options ${phase}`, optionsOf(app, host, phase).join(' ')] as const),
};

/** Like other reports, but the JSON also has each phase's options as a list. */
function reportCommand(call: Call, host: SandboxHost): number | Promise<number> {
  const { positional, flags, unknown } = parseWords(call.words, { valued: ['--format'] });
  if (flags.get('--format') !== 'json' || unknown !== undefined)
    return createReportHandler(report)(call, host);
  if (positional.length > 0) return withApp(reportJson, { valued: ['--format'] })(call, host);
  for (const name of [...host.state.apps.keys()].sort()) printJson(call, host, host.state.apps.get(name));
  return 0;
}

/** Returns the arguments that Docker would get in a phase: the app's options and a link to each linked service. */
function optionsOf(app: App, host: SandboxHost, phase: string): string[] {
  const links = host
    .services()
    .filter(({ links: linked }) => linked.has(app.name))
    .map(({ plugin, name }) => {
      const inside = name.replaceAll('_', '-');
      return `--link dokku.${plugin}.${name}:dokku-${plugin}-${inside}`;
    });
  return [...(app.options.get(phase) ?? []), ...links].sort();
}

function reportJson({ call, host, app }: AppRequest): number {
  printJson(call, host, app);
  return 0;
}

function printJson(call: Call, host: SandboxHost, app: App | undefined): void {
  if (!app) return;
  const entries = phases.flatMap((phase) => {
    const options = optionsOf(app, host, phase);
    const text = options.join(' ');
    return [
      [phase, text],
      [`${phase}-list`, options],
      [`docker-options-${phase}`, text],
    ] as const;
  });
  call.out(`${goJson(Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`);
}
