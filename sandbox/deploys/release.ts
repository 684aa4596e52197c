import { randomBytes } from 'node:crypto';
import { changeEnv } from '../host/app-env.ts';
import type { AppManifest, Recipe } from '../host/app-files.ts';
import { parseEnv } from '../host/envfile.ts';
import type { Image } from '../host/image.ts';
import type { App, SandboxState } from '../host/state.ts';
import { makeReachable } from '../services/address.ts';
import { startShell } from './run-process.ts';

/** One deploy of an app: what it may use, and where its words go. */
export interface Release {
  readonly app: App;
  readonly state: SandboxState;
  readonly urls: () => string[];
  /** Where programs are found. */
  readonly path: string;
  /** Variables for builds alone. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** Milliseconds until a web process must listen. */
  readonly startTimeout: number;
  readonly out: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Ends a deploy after its words were said. */
export class DeployAborted extends Error {}

/** What comes between a build and its start: variables, tasks, and the script of a first deploy. */
export async function runRelease(release: Release, image: Image, manifest: AppManifest): Promise<void> {
  const { app, out } = release;
  const { recipe }: { readonly recipe: Recipe } = image;
  out(`-----> Releasing ${app.name}...`);
  await setEnv(release, manifest);
  await runTask(release, image, { name: 'predeploy', command: manifest.scripts?.dokku?.predeploy });
  await runTask(release, image, { name: 'release', command: recipe.release, from: 'Procfile' });
  if (app.firstDeployDone) return;
  const command = manifest.scripts?.postdeploy;
  // It counts as run even when it fails: Dokku does not run it again on the next try.
  app.firstDeployDone = true;
  const task = { name: 'heroku.postdeploy', command, from: 'app.json in ephemeral container' };
  await runTask(release, image, task);
}

/** Sets the variables of app.json: on a first deploy, unless they are set already; those to be kept in step each time. */
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

/** The values of app.json's `env` that are to be set now; ends the deploy where one is required and there is none. */
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

/** Runs one of an app's scripts in Dokku's words; ends the deploy when it fails. */
export async function runTask(
  release: Release,
  image: Image,
  { name, command, from = 'app.json' }: Task,
): Promise<void> {
  const { app, out } = release;
  out(`-----> Checking for ${name} task`);
  if (command === undefined) return out(`       No ${name} task found, skipping`);
  out(`       Executing ${name} task from ${from}: ${command}`);
  const id = randomBytes(5).toString('hex').slice(0, 9);
  const lines: string[] = [];
  const exit = await runInApp({ ...release, out: (line) => lines.push(line) }, image, command);
  // A container's log is told when it has ended; nothing is said of one that wrote nothing.
  if (lines.length > 0) {
    out(`=====> Start of ${app.name} ${name} task (${id}) output`);
    for (const line of lines) out(line);
    out(`=====> End of ${app.name} ${name} task (${id}) output`);
  }
  checkCanceled(release);
  if (exit !== 0) fail(release, `Execution of ${name} task failed: ${command}`);
}

/** Ends a deploy that `builds:cancel` or `apps:destroy` has stopped. */
export function checkCanceled(release: Release): void {
  if (release.signal.aborted) fail(release, 'Build canceled');
}

/** Says why a deploy ends, as Dokku's warnings, and ends it. */
export function fail(release: Release, ...lines: string[]): never {
  for (const line of lines) release.out(` !     ${line}`);
  throw new DeployAborted();
}

/** Runs a shell command beside the app's files, its lines indented; gives its exit code. */
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

/** What an app's processes get: its configuration, and of the machine's environment only the way to its programs. */
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
