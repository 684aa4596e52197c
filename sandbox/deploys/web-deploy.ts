import { randomBytes } from 'node:crypto';
import type { AppManifest, Healthcheck } from '../host/app-files.ts';
import { ownProperty } from '../host/app-properties.ts';
import type { Image } from '../host/image.ts';
import type { App, Web } from '../host/state.ts';
import { buildAppEnv, checkCanceled, DeployAborted, type Release } from './release.ts';
import { startWeb } from './web.ts';

/** Stands for a process that ended before it listened; the checks run on it anyway. */
const endedWeb: Web = { port: 0, stop: async () => {}, hasEnded: () => true };

interface StartedWeb {
  readonly web: Web;
  readonly container: string;
  readonly log: string[];
}

/** Starts the web process and checks it. Aborts the deploy if a check fails. Returns undefined if the app has no web process. */
export async function startAndCheck(
  release: Release,
  image: Image,
  manifest: AppManifest,
): Promise<StartedWeb | undefined> {
  const { app, out, signal, startTimeout } = release;
  if (image.recipe.web === undefined || app.scale.get('web') === 0) return undefined;
  out('-----> Deploying web (count=1)');
  out('       Attempting pre-flight checks (web.1)');
  const container = randomBytes(32).toString('hex');
  const log: string[] = [];
  const checks = checksOf(manifest);
  const answer = await startWeb({
    command: image.recipe.web,
    folder: image.folder,
    env: buildAppEnv(release, image),
    onLine: (line) => log.push(line),
    signal,
    startTimeout,
  });
  const web = typeof answer === 'string' ? endedWeb : answer;
  out(`-----> Executing ${checks.length} healthchecks`);
  for (const { line } of checks) out(`       Running healthcheck ${line}`);
  const failed = await check(release, web, checks);
  if (failed === 0 && !signal.aborted) {
    out('       All checks successful (web.1)');
    printLog(release, container, log);
    return { web, container, log };
  }
  await web.stop();
  checkCanceled(release);
  out(container);
  out(' !     Could not start due to 1 failed checks (web.1)');
  // Dokku prints it twice: its healthchecker does, and the scheduler when it cleans up.
  printLog(release, container, log);
  printLog(release, container, log);
  out('parallel: This job failed:');
  out(
    `/var/lib/dokku/plugins/available/scheduler-docker-local/bin/scheduler-deploy-process-container ${app.name} ${image.recipe.builder.toLowerCase()} dokku/${app.name}:latest latest web 1 1`,
  );
  throw new DeployAborted();
}

interface Check {
  readonly line: string;
  readonly name: string;
  /** Returns the problem and the output that shows it; undefined if the check passes. */
  readonly run: (web: Web) => Promise<CheckProblem | undefined>;
}

interface CheckProblem {
  readonly message: string;
  readonly detail?: string;
}

const uptime: Check = {
  name: 'default',
  line: "name='default' type='uptime' uptime=10",
  run: async (web) =>
    web.hasEnded() ? { message: 'container has restarted 7 times', detail: 'state=restarting' } : undefined,
};

const listening: Check = {
  name: 'port listening check',
  line: "name='port listening check' attempts=3 port=5000 retries=2 timeout=5 type='listening' wait=5",
  run: async (web) => (web.hasEnded() ? { message: 'container state is not running' } : undefined),
};

function checksOf(manifest: AppManifest): Check[] {
  const wanted = (manifest.healthchecks?.web ?? []).filter(
    ({ type, path, uptime: seconds, listening: port }) =>
      (type === undefined || type === 'startup') && (path !== undefined || (seconds === undefined && !port)),
  );
  return [listening, ...(wanted.length === 0 ? [uptime] : wanted.map(pathCheck))];
}

function pathCheck(check: Healthcheck): Check {
  // The name of a check without one is its definition in base64.
  const name =
    check.name ??
    Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(check).sort()))).toString('base64');
  const { path = '/', attempts = 3, timeout = 5 } = check;
  return {
    name,
    line: `name='${name}' delay=0 path='${path}' retries=${attempts - 1} timeout=${timeout} type='path'`,
    run: async (web) => {
      const signal = AbortSignal.timeout(timeout * 1_000);
      const answer = await fetch(`http://127.0.0.1:${web.port}${path}`, { redirect: 'manual', signal }).catch(
        () => undefined,
      );
      if (answer === undefined) return { message: 'connection refused' };
      if (answer.status < 400) return undefined;
      return { message: `unexpected status code: ${answer.status}`, detail: await answer.text() };
    },
  };
}

const red = '\u001b[1m\u001b[31m !     \u001b[0m\u001b[0m';

/** Runs the checks of a started process. Returns how many failed. */
async function check({ out }: Release, web: Web, checks: readonly Check[]): Promise<number> {
  const results = await Promise.all(checks.map(async (one) => ({ one, problem: await one.run(web) })));
  for (const { one } of results.filter(({ problem }) => problem === undefined)) {
    out(`       Healthcheck succeeded name='${one.name}'`);
  }
  const failed = results.filter(({ problem }) => problem !== undefined);
  for (const seen of failed.flatMap(({ problem }) => (problem?.detail ? [problem.detail] : []))) {
    out('=====> Start healthcheck output');
    for (const line of seen.trimEnd().split('\n')) out(`       ${line}`);
    out('=====> End healthcheck output');
  }
  for (const { one, problem } of failed) out(`${red}Failure in name='${one.name}': ${problem?.message}`);
  return failed.length;
}

function printLog({ app, out }: Release, container: string, log: readonly string[]): void {
  const of = `${app.name} container output (${container.slice(0, 12)} web.1)`;
  if (log.length === 0) return;
  out(`=====> Start of ${of}`);
  for (const line of log.slice(-40)) out(`       ${line}`);
  out(`=====> End of ${of}`);
}

/** Prints which checks a new process will get. */
export function announceChecks(release: Release, manifest: AppManifest): void {
  const { app, out } = release;
  out('=====> Processing deployment checks');
  warnAboutNoChecks(release, manifest);
  out(`-----> Deploying ${app.name} via the docker-local scheduler...`);
}

function warnAboutNoChecks({ out }: Release, manifest: AppManifest): void {
  if ((manifest.healthchecks?.web ?? []).length > 0) return;
  out(`${red}No healthchecks found in app.json for web process type`);
  out('       No web healthchecks found in app.json. Simple container checks will be performed.');
  out(
    '       For more efficient zero downtime deployments, add healthchecks to your app.json. See https://dokku.com/docs/deployment/zero-downtime-deploys/ for examples',
  );
}

/** Replaces the old process with the started one. Returns whether there was an old one. */
export async function switchToNew(
  release: Release,
  image: Image,
  started: StartedWeb | undefined,
): Promise<boolean> {
  const { app, out } = release;
  const { web: old, container } = app;
  app.image = image;
  app.deployed = true;
  app.web = started?.web;
  app.log = started?.log ?? [];
  if (started) app.container = started.container;
  if (old && started) out('       Scheduling old container shutdown in 60 seconds (web.1)');
  if (started) {
    out('=====> Triggering early nginx proxy rebuild');
    printProxyLines(release);
  }
  out('-----> Running post-deploy');
  printProxyLines(release);
  if (started) rename(release, app, old ? container : '');
  await old?.stop();
  return old !== undefined;
}

function printProxyLines({ app, out }: Release): void {
  out(`-----> Ensuring network configuration is in sync for ${app.name}`);
  if (ownProperty(app, 'proxy', 'disabled') === 'true') {
    out(`-----> Nginx support is disabled for app (${app.name})`);
    return;
  }
  for (const domain of [...app.domains].sort())
    out(`-----> Configuring ${domain}...(using built-in template)`);
  out('-----> Creating http nginx.conf');
  out('       Reloading nginx');
}

function rename({ out }: Release, app: App, old: string): void {
  out('-----> Renaming containers');
  const name = `${app.name}.web.1`;
  if (old !== '') {
    out(`       Found previous container(s) (${old.slice(0, 12)}) named ${name}`);
    out(
      `       Renaming container (${old.slice(0, 12)}) ${name} to ${name}.${Math.floor(Date.now() / 1_000)}`,
    );
  }
  out(`       Renaming container ${name}.upcoming-${upcoming()} (${app.container.slice(0, 12)}) to ${name}`);
}

function upcoming(): number {
  return 1_000 + Math.floor(Math.random() * 30_000);
}
