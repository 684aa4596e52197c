import { randomBytes } from 'node:crypto';
import { type AppManifest, type Recipe, readManifest, recipeOf } from './app-files.ts';
import { readEnv } from './envfile.ts';
import { changeEnv } from './plugin-config.ts';
import { startShell } from './run-process.ts';
import { reachable } from './service-address.ts';
import type { App, SandboxState, Web } from './state.ts';
import { startWeb } from './web.ts';

/** One deploy of an app: the files that were taken out of its repository, and where its words go. */
export interface Release {
  readonly app: App;
  readonly state: SandboxState;
  readonly folder: string;
  readonly urls: () => string[];
  /** Where programs are found. */
  readonly path: string;
  /** Variables for builds alone. */
  readonly buildEnv: Readonly<Record<string, string>>;
  /** Milliseconds until a web process must listen. */
  readonly patience: number;
  readonly out: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Ends a deploy after its words were said. */
class Failed extends Error {}

const fail = (release: Release, ...lines: string[]): never => {
  for (const line of lines) release.out(` !     ${line}`);
  throw new Failed();
};

const checkCanceled = (release: Release): void => {
  if (release.signal.aborted) fail(release, 'Build canceled');
};

const environment = ({ app, state, path }: Release, recipe: Recipe): Record<string, string> => ({
  ...recipe.env,
  PATH: path,
  HOME: '/tmp',
  ...reachable(Object.fromEntries(readEnv(app.envFile)), state),
});

const run = async (
  release: Release,
  recipe: Recipe,
  command: string,
  more: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const { folder, out, signal } = release;
  const env = { ...more, ...environment(release, recipe), HOME: folder };
  const onLine = (line: string) => out(`       ${line}`);
  return startShell({ command, cwd: folder, env, onLine, signal }).ended;
};

const build = async (release: Release): Promise<Recipe> => {
  const { app, out, folder } = release;
  const recipe = recipeOf(folder);
  out('-----> Cleaning up...');
  out(`-----> Building ${app.name} from ${recipe?.builder ?? 'herokuish'}`);
  if (!recipe) {
    return fail(
      release,
      'Unable to select a buildpack',
      'Failure extracting app code',
      `Removing invalid image tag dokku/${app.name}:latest`,
      'App build failed',
    );
  }
  if (recipe.builder === 'Dockerfile')
    out('#1 the sandbox has no Docker: RUN lines are passed over, CMD is run as it is');
  for (const command of recipe.build) {
    out(`-----> ${command}`);
    const exit = await run(release, recipe, command, release.buildEnv);
    checkCanceled(release);
    if (exit !== 0) {
      out(`ERROR: failed to build: ${command}: exit code: ${exit}`);
      fail(release, `Removing invalid image tag dokku/${app.name}:latest`, 'App build failed');
    }
  }
  checkCanceled(release);
  return recipe;
};

const manifestOf = (release: Release): AppManifest => {
  const manifest = readManifest(release.folder);
  if (!(manifest instanceof Error)) return manifest;
  return fail(release, `Cannot parse app.json as jsonc: ${manifest.message}`);
};

/** The variables that app.json sets: on a first deploy, unless they are set already. */
const setEnv = async (release: Release, manifest: AppManifest): Promise<void> => {
  const { app, out } = release;
  if (!manifest.env) return;
  out('-----> Processing app.json env vars');
  const known = readEnv(app.envFile);
  const values = new Map<string, string>();
  for (const [key, entry] of app.firstDeployDone ? [] : Object.entries(manifest.env)) {
    if (known.has(key)) continue;
    const value =
      typeof entry === 'string'
        ? entry
        : (entry.value ?? (entry.generator === 'secret' ? randomBytes(32).toString('hex') : undefined));
    if (value !== undefined) values.set(key, value);
    else if (typeof entry === 'object' && entry.required !== false) {
      fail(release, `required env var ${key} has no value, no default, and no TTY for prompt`);
    }
  }
  if (values.size === 0) return out('       No env vars to set from app.json');
  out(`-----> Setting ${values.size} env var(s) from app.json`);
  out('-----> Setting config vars');
  await changeEnv(app, (env) => {
    for (const [key, value] of values) env.set(key, value);
  });
  const width = Math.max(...[...values.keys()].map((key) => key.length)) + 3;
  for (const [key, value] of values) out(`       ${`${key}:`.padEnd(width)}${value}`);
};

interface Task {
  readonly name: string;
  readonly command: string | undefined;
  readonly ephemeral?: boolean;
}

const runTask = async (
  release: Release,
  recipe: Recipe,
  { name, command, ephemeral }: Task,
): Promise<void> => {
  const { app, out } = release;
  out(`-----> Checking for ${name} task`);
  if (command === undefined) return out(`       No ${name} task found, skipping`);
  out(`       Executing ${name} task from app.json${ephemeral ? ' in ephemeral container' : ''}: ${command}`);
  const id = randomBytes(5).toString('hex').slice(0, 9);
  out(`=====> Start of ${app.name} ${name} task (${id}) output`);
  const exit = await run(release, recipe, command);
  out(`=====> End of ${app.name} ${name} task (${id}) output`);
  checkCanceled(release);
  if (exit !== 0) fail(release, `Execution of ${name} task failed: ${command}`);
};

const beforeStart = async (release: Release, recipe: Recipe, manifest: AppManifest): Promise<void> => {
  const { app, out } = release;
  out(`-----> Releasing ${app.name}...`);
  await setEnv(release, manifest);
  await runTask(release, recipe, { name: 'predeploy', command: manifest.scripts?.dokku?.predeploy });
  await runTask(release, recipe, { name: 'release', command: recipe.release });
  if (app.firstDeployDone) return;
  const command = manifest.scripts?.postdeploy;
  // It counts as run even when it fails: Dokku does not run it again on the next try.
  app.firstDeployDone = true;
  await runTask(release, recipe, { name: 'heroku.postdeploy', command, ephemeral: true });
};

const isHealthy = async (port: number, path: string): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  return answer !== undefined && answer.status < 400;
};

const check = async (release: Release, web: Web, manifest: AppManifest): Promise<string | undefined> => {
  const { out } = release;
  for (const { type, path } of manifest.healthchecks?.web ?? []) {
    if (path === undefined || (type !== undefined && type !== 'startup')) continue;
    out(`       Running healthcheck name='web up' delay=0 path='${path}' retries=2 timeout=5 type='path'`);
    if (!(await isHealthy(web.port, path)))
      return `Failure in name='web up': unexpected status code for ${path}`;
    out("       Healthcheck succeeded name='web up'");
  }
  return undefined;
};

const start = async (release: Release, recipe: Recipe, manifest: AppManifest): Promise<Web | undefined> => {
  const { app, out, folder, signal, patience } = release;
  out('=====> Processing deployment checks');
  out(`-----> Deploying ${app.name} via the docker-local scheduler...`);
  if (recipe.web === undefined) return undefined;
  out('-----> Deploying web (count=1)');
  out('       Attempting pre-flight checks (web.1)');
  const log: string[] = [];
  const env = { ...environment(release, recipe), HOME: folder };
  const web = await startWeb({
    command: recipe.web,
    folder,
    env,
    onLine: (line) => log.push(line),
    signal,
    patience,
  });
  const trouble = typeof web === 'string' ? web : await check(release, web, manifest);
  checkCanceled(release);
  if (trouble !== undefined) {
    if (typeof web !== 'string') await web.stop();
    out(` !     ${trouble}`);
    out(' !     Could not start due to 1 failed checks (web.1)');
  } else out('       All checks successful (web.1)');
  const id = randomBytes(6).toString('hex');
  out(`=====> Start of ${app.name} container output (${id} web.1)`);
  for (const line of log.slice(-40)) out(`       ${line}`);
  out(`=====> End of ${app.name} container output (${id} web.1)`);
  if (trouble !== undefined || typeof web === 'string') throw new Failed();
  return web;
};

const serve = async ({ app, out }: Release, web: Web | undefined): Promise<void> => {
  const old = app.web;
  app.web = web;
  app.deployed = true;
  await old?.stop();
  out('-----> Running post-deploy');
  out(`-----> Configuring ${app.domains.join(' ')}...(using built-in template)`);
  out('-----> Creating http nginx.conf');
  out('       Reloading nginx');
};

const steps = async (release: Release): Promise<void> => {
  const { out } = release;
  const recipe = await build(release);
  const manifest = manifestOf(release);
  await beforeStart(release, recipe, manifest);
  await serve(release, await start(release, recipe, manifest));
  const { postdeploy } = manifest.scripts?.dokku ?? {};
  await runTask(release, recipe, { name: 'postdeploy', command: postdeploy });
  out('=====> Application deployed:');
  for (const url of release.urls()) out(`       ${url}`);
  out('');
};

/**
 * Builds and starts an app as Dokku does, in its words. True when it went well. A failing postdeploy leaves the new
 * version running; any other failure leaves the old one.
 */
export const performRelease = async (release: Release): Promise<boolean> => {
  try {
    await steps(release);
    return true;
  } catch (error) {
    if (error instanceof Failed) return false;
    throw error;
  }
};
