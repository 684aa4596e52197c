import { randomBytes } from 'node:crypto';
import { changeEnv } from '../host/app-env.ts';
import type { AppManifest } from '../host/app-json.ts';
import { parseEnv } from '../host/envfile.ts';
import type { AppSettings, Image } from '../host/image.ts';
import { updateScale } from '../host/scale.ts';
import type { Reach } from '../host/stages.ts';
import type { App, SandboxState } from '../host/state.ts';
import { makeReachable } from '../services/address.ts';
import { findDockerProblem } from './docker-args.ts';
import { startShell } from './run-process.ts';

/** One deploy of an app: what it uses, and where its output goes. */
export interface Release {
  readonly app: App;
  readonly state: SandboxState;
  readonly urls: () => string[];
  /** The PATH on which programs are found. */
  readonly path: string;
  /** Variables for builds only. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** How long a web process may take to listen, in milliseconds; 0 to wait as Dokku does. */
  readonly startTimeout: number;
  /** The length of a second of Dokku's waiting for checks, in milliseconds. */
  readonly second: number;
  readonly out: (line: string) => void;
  /** Where warnings of the scheduler go. */
  readonly err: (line: string) => void;
  readonly reach: Reach;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** Aborts a deploy whose reason has been printed already. */
export class DeployAborted extends Error {}

/** Runs what comes between the build and the start: variables, tasks, and the script of a first deploy. */
export async function runRelease(
  release: Release,
  image: Image,
  { manifest, procfile }: AppSettings,
): Promise<void> {
  const { app, out } = release;
  out(`-----> Releasing ${app.name}...`);
  await setEnv(release, manifest);
  await runTask(release, image, { name: 'predeploy', command: manifest.scripts?.dokku?.predeploy });
  await runTask(release, image, { name: 'release', command: procfile?.get('release'), from: 'Procfile' });
  setScale(release, { manifest, procfile });
  if (app.deployed || app.firstDeployDone) return;
  const command = manifest.scripts?.postdeploy;
  // It counts as run even if it fails: Dokku does not run it again on the next deploy.
  app.firstDeployDone = true;
  const task = { name: 'heroku.postdeploy', command, from: 'app.json in ephemeral container' };
  await runTask(release, image, task);
}

/** Updates the numbers of processes: a formation in app.json replaces them, and forbids `ps:scale`. */
function setScale(release: Release, { manifest: { formation }, procfile }: AppSettings): void {
  const { app } = release;
  const wanted = Object.entries(formation ?? {}).flatMap(([type, { quantity }]) =>
    quantity === undefined ? [] : [[type, quantity] as const],
  );
  app.canScale = wanted.length === 0;
  const quantities = new Map(wanted);
  const problem = quantities.size === 0 ? undefined : updateScale(app, { quantities, procfile, clear: true });
  if (problem !== undefined) fail(release, problem);
  updateScale(app, { quantities: new Map(), procfile });
}

/** Sets the variables of app.json: on the first deploy, unless they are set already; those with `sync` on every deploy. */
async function setEnv(release: Release, manifest: AppManifest): Promise<void> {
  const { app, out } = release;
  if (!manifest.env) return;
  out('-----> Processing app.json env vars');
  const values = envToSet(release, manifest);
  if (values.size === 0) return out('       No env vars to set from app.json');
  out(`-----> Setting ${values.size} env var(s) from app.json`);
  out('-----> Setting config vars');
  await changeEnv(app, (env) => {
    for (const [key, value] of values) env.set(key, value);
  });
  const width = Math.max(...[...values.keys()].map((key) => key.length)) + 3;
  for (const [key, value] of values) out(`       ${`${key}:`.padEnd(width)}${value}`);
}

/** Returns the values of app.json's `env` to set now. Aborts the deploy if a required one has no value. */
function envToSet(release: Release, manifest: AppManifest): Map<string, string> {
  const { app } = release;
  const known = parseEnv(app.envFile);
  const values = new Map<string, string>();
  for (const [key, entry] of Object.entries(manifest.env ?? {})) {
    const sync = typeof entry === 'object' && entry.sync === true;
    if ((app.deployed || known.has(key)) && !sync) continue;
    const generated = () =>
      typeof entry === 'object' && entry.generator === 'secret' ? randomBytes(32).toString('hex') : undefined;
    const value = typeof entry === 'string' ? entry : (entry.value ?? generated());
    if (value !== undefined) values.set(key, value);
    else if (typeof entry === 'object' && entry.required !== false) {
      fail(release, `required env var ${key} has no value, no default, and no TTY for prompt`);
    }
  }
  return values;
}

interface Task {
  readonly name: string;
  readonly command: string | undefined;
  readonly from?: string;
}

/** Runs one of an app's scripts and prints what Dokku prints. Aborts the deploy if it fails. */
export async function runTask(
  release: Release,
  image: Image,
  { name, command, from = 'app.json' }: Task,
): Promise<void> {
  const { app, out } = release;
  out(`-----> Checking for ${name} task`);
  if (command === undefined) return out(`       No ${name} task found, skipping`);
  out(`       Executing ${name} task from ${from}: ${command}`);
  const problem = findDockerProblem(release.state, app, { phase: 'deploy' });
  if (problem !== undefined) fail(release, `Failed to create ${name} execution container: ${problem}`);
  const container = randomBytes(32).toString('hex');
  const id = container.slice(0, 9);
  const lines: string[] = [];
  if (image.recipe.lacksBash) failWithoutBash(release, { name, command, container });
  const exit = await runToEnd(release, image, command, (line) => lines.push(line));
  // Dokku prints a container's log when it has ended, and nothing if the log is empty.
  if (lines.length > 0) {
    out(`=====> Start of ${app.name} ${name} task (${id}) output`);
    for (const line of lines) out(line);
    out(`=====> End of ${app.name} ${name} task (${id}) output`);
  }
  if (exit !== 0) fail(release, `Execution of ${name} task failed: ${command}`);
}

/** Ends a deploy whose script cannot start: Dokku runs it with `/bin/bash`, and Docker does not find that in the image. */
function failWithoutBash(
  release: Release,
  {
    name,
    command,
    container,
  }: { readonly name: string; readonly command: string; readonly container: string },
): never {
  const { app, out } = release;
  out(
    'Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/bin/bash": stat /bin/bash: no such file or directory: unknown',
  );
  out(`Error: failed to start containers: ${container}`);
  for (const end of ['Start', 'End'])
    out(`=====> ${end} of ${app.name} ${name} task (${container.slice(0, 9)}) output`);
  return fail(release, `Execution of ${name} task failed: ${command}`);
}

/** Runs a script in the app's files. It runs to its end even if the deploy is canceled meanwhile, as its container does. */
async function runToEnd(
  release: Release,
  image: Pick<Image, 'recipe' | 'folder'>,
  command: string,
  onLine: (line: string) => void,
): Promise<number> {
  const { app } = release;
  const indented = (line: string) => onLine(`       ${line}`);
  const env = buildAppEnv(release, image);
  const task = startShell({ command, cwd: image.folder, env, onLine: indented });
  app.tasks.add(task);
  const ended = task.exitCode.finally(() => app.tasks.delete(task));
  return untilCanceled(release, ended);
}

/** Waits for a result. Aborts the deploy as soon as it is canceled. */
export async function untilCanceled<T>({ signal }: Release, work: Promise<T>): Promise<T> {
  const canceled = Promise.withResolvers<never>();
  const abort = (): void => canceled.reject(new DeployAborted());
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, canceled.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Aborts a deploy that was canceled, or whose process was killed. */
export function checkCanceled({ signal }: Release): void {
  if (signal.aborted) throw new DeployAborted();
}

/** Prints the reason as Dokku's warnings, and aborts the deploy. */
export function fail(release: Release, ...lines: string[]): never {
  for (const line of lines) release.err(` !     ${line}`);
  throw new DeployAborted();
}

/** Runs a shell command in the folder of the app's files, with its output indented. Returns its exit code. */
export function runInApp(
  release: Release,
  image: Pick<Image, 'recipe' | 'folder'>,
  command: string,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { out, signal } = release;
  const env = { ...more, ...buildAppEnv(release, image) };
  const onLine = (line: string) => out(`       ${line}`);
  return startShell({ command, cwd: image.folder, env, onLine, signal }).exitCode;
}

/** Returns the environment of an app's processes: its configuration, and the machine's PATH. */
export function buildAppEnv(
  { app, state, path }: Pick<Release, 'app' | 'state' | 'path'>,
  { recipe, folder }: Pick<Image, 'recipe' | 'folder'>,
): Record<string, string> {
  return {
    ...recipe.env,
    PATH: path,
    ...makeReachable(Object.fromEntries(parseEnv(app.envFile)), state),
    HOME: folder,
  };
}
