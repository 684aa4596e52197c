import { hasProgram, quoteProgram, startAppCommand } from '../deploys/app-command.ts';
import { fail } from '../host/answers.ts';
import type { Plugin } from '../host/handler.ts';
import type { App, Container } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** Dokku's enter plugin. */
export const enter: Plugin = { enter: withApp(run) };

/** Runs a command in the files of a running process, with the environment that it was started with. */
async function run({ call, host, app, rest }: AppRequest): Promise<number> {
  const [first, ...words] = rest;
  if (!app.deployed) return 0;
  const types = runningTypes(app);
  const isNamed = first !== undefined && first !== '--';
  if (!isNamed && types.length > 1) {
    fail(call, 'No container type specified.');
    return fail(call, `Available types for app (${app.name}): ${types.join(' ')}`);
  }
  const type = isNamed ? first : types[0];
  if (type === undefined) return fail(call, 'No containers found for app');
  const container = findContainer(app, type);
  if (!container) {
    fail(call, `No containers found for type '${type}'`);
    return fail(call, `Available types for app (${app.name}): ${types.join(' ')}`);
  }
  if (container.hasEnded()) return fail(call, 'Container is not running');
  const command = words[0] === '--' ? words.slice(1) : words;
  // An interactive shell without a terminal ends at once.
  if (command.length === 0) return 0;
  const { folder, env } = container;
  if (await hasProgram(host, { words: command, folder, env }))
    return startAppCommand(call, { words: command, folder, env }).exitCode;
  call.err(
    `OCI runtime exec failed: exec failed: unable to start container process: exec: ${quoteProgram(command[0] ?? '')}: executable file not found in $PATH: unknown\n`,
  );
  return 127;
}

function runningTypes({ containers }: App): string[] {
  const running = containers.filter((container) => !container.hasEnded());
  return [...new Set(running.map(({ type }) => type))].toSorted();
}

/** Finds the first container of a process type, or the one that is named like `web.1`. */
function findContainer({ containers }: App, name: string): Container | undefined {
  return containers
    .toSorted((a, b) => a.index - b.index)
    .find(({ type, index }) => name === type || name === `${type}.${index}`);
}
