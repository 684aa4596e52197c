import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { createReportHandler, goJson, type Report } from '../host/report.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

const phases = ['build', 'deploy', 'run'];

const wrongPhase = `Phase(s) must be one of [${phases.join(' ')}]`;

/** Dokku's docker-options plugin. The options are stored and reported; the sandbox has no Docker to pass them to. */
export const dockerOptions: Plugin = {
  'docker-options:add': createChangeHandler('add', (options, option) => [...new Set([...options, option])]),
  'docker-options:clear': withApp(clear),
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
    const wanted = readPhases(named);
    if (!wanted) return fail(call, wrongPhase);
    if (words.length === 0) {
      const where = verb === 'add' ? 'add to' : 'remove from';
      return fail(call, `Please specify docker options to ${where} the phase`);
    }
    for (const phase of wanted) app.options.set(phase, change(app.options.get(phase) ?? [], words.join(' ')));
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

const report: Report = {
  title: 'docker-options',
  prefix: 'docker-options',
  bothKeys: true,
  rows: (app, host) =>
    phases.map((phase) => [`Docker options ${phase}`, optionsOf(app, host, phase).join(' ')] as const),
};

/** Like other reports, but the JSON also has each phase's options as a list. */
function reportCommand(call: Call, host: SandboxHost): number | Promise<number> {
  const [name, flag, format] = call.words;
  const wantsJson = flag === '--format=json' || (flag === '--format' && format === 'json');
  if (!wantsJson || name === undefined) return createReportHandler(report)(call, host);
  return withApp(reportJson)(call, host);
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
  return [...new Set([...(app.options.get(phase) ?? []), ...links])].sort();
}

function reportJson({ call, host, app }: AppRequest): number {
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
  return 0;
}
