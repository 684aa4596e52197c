import { randomInt } from 'node:crypto';
import { hasProgram, quoteProgram, startAppCommand } from '../deploys/app-command.ts';
import { findRunProblem } from '../deploys/docker-args.ts';
import { linkMounts } from '../deploys/link-mounts.ts';
import { buildAppEnv } from '../deploys/release.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';

/** The commands of Dokku's run plugin that start a container. */
export const run: Plugin = {
  run: createHandler(false),
  'run:detached': createHandler(true),
};

function createHandler(isDetached: boolean): Handler {
  return (call, host) => {
    const { words, env } = readRun(call.words);
    return withApp(({ app, rest }: AppRequest) =>
      runInApp(call, host, { app, words: rest, env, isDetached }),
    )({ ...call, words }, host);
  };
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

/** A command in a new container of an app. */
export interface AppRun {
  readonly app: App;
  readonly words: readonly string[];
  /** Further variables, as `KEY=value`. */
  readonly env?: readonly string[];
  /** Whether the command only prints the name of the container and does not wait for its end. */
  readonly isDetached?: boolean;
  readonly type?: 'run' | 'cron';
}

/** Runs a command in a new container with the app's configuration. Returns its exit code. */
export async function runInApp(
  call: Call,
  host: SandboxHost,
  { app, words: asked, env: more = [], isDetached = false, type = 'run' }: AppRun,
): Promise<number> {
  if (!app.image) return failWithoutImage(call, app);
  const words = expandProcess(call, app, asked[0] === '--' ? asked.slice(1) : asked);
  const problem = findRunProblem(host.state, app, more);
  if (problem !== undefined) {
    call.err(`${problem.trimEnd()}\n`);
    return 1;
  }
  const [program] = words;
  if (program === undefined) return 0;
  const name = `${app.name}.${type}.${randomInt(1, 32_768)}`;
  const env = {
    ...buildAppEnv({ app, state: host.state, path: host.path }, app.image),
    DYNO: name.slice(app.name.length + 1),
    ...Object.fromEntries(more.map(splitPair)),
  };
  linkMounts(host.state, app, app.image.folder);
  const command = { words, folder: app.image.folder, env };
  if (!(await hasProgram(host, command))) {
    call.err(
      `Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: ${quoteProgram(program)}: executable file not found in $PATH: unknown\n`,
    );
    return 1;
  }
  const log: string[] = [];
  const started = startAppCommand(isDetached ? collectInto(log) : call, command);
  app.runs.set(name, { name, words, startedAt: host.now(), log, stop: started.stop });
  const ended = started.exitCode.finally(() => app.runs.delete(name));
  if (!isDetached) return ended;
  call.out(`${name}\n`);
  return 0;
}

function failWithoutImage(call: Call, app: App): number {
  call.err(` !     App image (dokku/${app.name}:latest) not found\nError: No such image: \n`);
  call.err(" !     Invalid image stage detected: expected 'release', got ''\n");
  call.err(' !     Successfully deploy your app to fix dokku run calls\n');
  return 1;
}

/** Replaces the name of a process type by its command, split at spaces: quotes in it stay where they are. */
function expandProcess(call: Call, app: App, words: readonly string[]): readonly string[] {
  const [name = '', ...rest] = words;
  const command = app.settings?.procfile?.get(name);
  if (command === undefined) return words;
  if (!call.quiet) call.out(`-----> Found '${name}' in Procfile, running that command\n`);
  return [...command.split(/\s+/), ...rest];
}

function splitPair(pair: string): [string, string] {
  const [key = '', value = ''] = pair.split(/=(.*)/s);
  return [key, value];
}

function collectInto(log: string[]): Pick<Call, 'out' | 'err'> {
  const add = (text: string | Uint8Array): void => {
    log.push(...Buffer.from(text).toString().trimEnd().split('\n'));
  };
  return { out: add, err: add };
}
