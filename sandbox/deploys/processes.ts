import { ownProperty } from '../host/app-properties.ts';
import type { AppSettings, Image } from '../host/image.ts';
import { isTakenForUndeployed } from '../host/is-deployed.ts';
import { retireContainer } from '../host/retired.ts';
import { formationsOf } from '../host/scale.ts';
import type { App, Container } from '../host/state.ts';
import { runChecks } from './checks.ts';
import { configureProxy } from './configure-proxy.ts';
import { startContainer } from './container.ts';
import { findDockerProblem, isNetwork } from './docker-args.ts';
import { buildAppEnv, DeployAborted, type Release, untilCanceled } from './release.ts';

export interface DeployedImage extends AppSettings {
  readonly image: Image;
}

/** The processes that a deploy has started, and those that it has replaced, which are to be stopped. */
export interface ReplacedProcesses {
  readonly started: Container[];
  readonly old: Container[];
}

/**
 * Replaces the processes of an app, type by type and the web processes first, as Dokku's scheduler does: each new process
 * is checked before it takes the place of the old one. Aborts the deploy if a check fails; what was replaced until then
 * stays replaced.
 */
export async function deployProcesses(
  release: Release,
  deployed: DeployedImage,
  {
    types,
    replaced,
  }: { readonly types: readonly string[] | undefined; readonly replaced: ReplacedProcesses },
): Promise<void> {
  const { app, err } = release;
  const wanted = formationsOf(app).filter(([type]) => types === undefined || types.includes(type));
  const isMissing = (type: string) => deployed.procfile !== undefined && !deployed.procfile.has(type);
  for (const [type] of wanted.filter(([name]) => isMissing(name)))
    err(` !     Skipping ${type} as it is missing from the current Procfile`);
  // Without a Procfile there is only a web process, whatever the scale says.
  const present = wanted.filter(([type]) => deployed.procfile?.has(type) ?? type === 'web');
  const webFirst = [...present.filter(isWeb), ...present.filter((entry) => !isWeb(entry))];
  for (const entry of webFirst) await deployType(release, deployed, { entry, replaced });
}

function isWeb([type]: readonly [string, number]): boolean {
  return type === 'web';
}

async function deployType(
  release: Release,
  deployed: DeployedImage,
  {
    entry: [type, count],
    replaced,
  }: { readonly entry: readonly [string, number]; readonly replaced: ReplacedProcesses },
): Promise<void> {
  const { app, out } = release;
  out(`-----> Deploying ${type} (count=${count})`);
  const checksAreDisabled = hasType(app, 'disabled', type);
  if (checksAreDisabled) await stopRunning(release, type);
  const command = commandOf(deployed, type);
  for (let index = 1; index <= count && command !== undefined; index += 1) {
    const started = await startAndCheck(release, deployed, { type, index, command });
    if (type === 'web') await reachSwitch(release, started);
    const before = replaceContainer(app, started);
    replaced.started.push(started);
    if (before) {
      out(`       Scheduling old container shutdown in ${waitToRetire(app)} seconds (${type}.${index})`);
      replaced.old.push(before);
      retire(release, before);
    }
  }
  if (type === 'web') {
    out('=====> Triggering early nginx proxy rebuild');
    // An app whose state was asked for before its first deploy still counts as undeployed here.
    if (!app.web || !isTakenForUndeployed(app)) configureProxy(release);
  }
  const orphaned = app.containers.filter((one) => one.type === type && one.index > count);
  for (const container of orphaned) retire(release, container);
  for (const { index } of orphaned)
    out(`       Scheduling orphaned container shutdown in ${waitToRetire(app)} seconds (${type}.${index})`);
  app.containers = app.containers.filter((one) => !orphaned.includes(one));
  replaced.old.push(...orphaned);
}

/** Returns whether `checks:disable` or `checks:skip` applies to a process type. */
function hasType(app: App, list: 'disabled' | 'skipped', type: string): boolean {
  const types = ownProperty(app, 'checks', list).split(',');
  return types.includes('_all_') || types.includes(type);
}

async function stopRunning({ app, out }: Release, type: string): Promise<void> {
  out(`       Zero downtime is disabled, stopping currently running containers  (${type})`);
  for (const container of app.containers.filter((one) => one.type === type && !one.hasEnded())) {
    out(`       Stopping ${container.id.slice(0, 12)} (${type})`);
    await container.stop();
  }
}

/** Returns the command of a process type: that of the Procfile, otherwise the image's own for a web process. */
export function commandOf({ image, procfile }: DeployedImage, type: string): string | undefined {
  return procfile?.get(type) ?? (type === 'web' ? image.recipe.command : undefined);
}

interface Process {
  readonly type: string;
  readonly index: number;
  readonly command: string;
}

async function startAndCheck(
  release: Release,
  deployed: DeployedImage,
  process: Process,
): Promise<Container> {
  const { app, out, signal, startTimeout, second } = release;
  const { type, index } = process;
  const name = `${type}.${index}`;
  const isChecked = !hasType(app, 'disabled', type);
  const problem = findDockerProblem(release.state, app, { phase: 'deploy', type });
  if (problem !== undefined) return failJob(release, deployed, process, problem);
  const [networks, missing] = networksOf(release);
  if (missing !== undefined)
    return failJob(release, deployed, process, ` !     Network ${missing} does not exist`);
  const container = await startContainer({
    ...process,
    folder: deployed.image.folder,
    env: buildAppEnv(release, deployed.image),
    restartPolicy: ownProperty(app, 'ps', 'restart-policy') || 'on-failure:10',
    sourceImage: deployed.image.sourceImage,
    networks,
  });
  if (!isChecked) return container;
  out(`       Attempting pre-flight checks (${name})`);
  if (hasType(app, 'skipped', type)) {
    out(`=====> Zero downtime checks have been skipped (${name})`);
    return container;
  }
  const options = { container, manifest: deployed.manifest, out, signal, startTimeout, second };
  // Dokku leaves the container of a canceled deploy running.
  app.leftovers.push(container);
  const isHealthy = await untilCanceled(release, runChecks(options));
  app.leftovers.splice(app.leftovers.indexOf(container), 1);
  if (!isHealthy) return failChecks(release, deployed, container);
  out(`       All checks successful (${name})`);
  printLog(release, container);
  return container;
}

async function failChecks(release: Release, deployed: DeployedImage, container: Container): Promise<never> {
  const { out } = release;
  const { id, type, index } = container;
  retire(release, container);
  await container.stop();
  out(id);
  out(` !     Could not start due to 1 failed checks (${type}.${index})`);
  // Dokku prints it twice: its healthchecker does, and the scheduler when it cleans up.
  printLog(release, container);
  printLog(release, container);
  return failJob(release, deployed, { type, index });
}

/** Returns the networks that the processes of an app are attached to, and the first of them that does not exist. */
function networksOf({ app, state }: Release): [networks: string[], missing: string | undefined] {
  const value = (key: string): string =>
    ownProperty(app, 'network', key) || ownProperty(state.global, 'network', key);
  // Of several names, Dokku attaches the first only.
  const [attached = ''] = value('attach-post-create').split(',');
  const names = [value('initial-network'), attached].filter((name) => name !== '');
  return [names, attached === '' || isNetwork(state, attached) ? undefined : attached];
}

/** Ends a deploy whose process could not be started, with what GNU parallel prints about it. */
function failJob(
  { app, err }: Release,
  { image }: DeployedImage,
  { type, index }: Pick<Process, 'type' | 'index'>,
  problem?: string,
): never {
  if (problem !== undefined) for (const line of problem.split('\n')) err(line);
  err('parallel: This job failed:');
  const count = app.scale.get(type) ?? 1;
  err(
    `/var/lib/dokku/plugins/available/scheduler-docker-local/bin/scheduler-deploy-process-container ${app.name} ${image.recipe.builder.toLowerCase()} dokku/${app.name}:latest latest ${type} ${count} ${index}`,
  );
  throw new DeployAborted();
}

function printLog({ app, out }: Release, { id, type, index, log }: Container): void {
  if (log.length === 0) return;
  const name = `${app.name} container output (${id.slice(0, 12)} ${type}.${index})`;
  out(`=====> Start of ${name}`);
  for (const line of log.slice(-40)) out(`       ${line}`);
  out(`=====> End of ${name}`);
}

async function reachSwitch({ reach }: Release, started: Container): Promise<void> {
  try {
    reach('switch');
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** Registers a container that is to be removed once old containers are. */
function retire({ app, state, now }: Release, container: Container): void {
  const wait = Number(waitToRetire(app)) * 1_000;
  retireContainer(state, app, { container, dueAt: now() + (Number.isNaN(wait) ? 0 : wait) });
}

/** Replaces the old container and returns it. */
function replaceContainer(app: App, started: Container): Container | undefined {
  const isSame = ({ type, index }: Container) => type === started.type && index === started.index;
  const before = app.containers.find(isSame);
  app.containers = [...app.containers.filter((one) => !isSame(one)), started];
  return before;
}

/** Returns how long old containers live on, in seconds. The sandbox stops them at once. */
export function waitToRetire(app: App): string {
  return ownProperty(app, 'checks', 'wait-to-retire') || '60';
}
