import { ownProperty, setProperty } from '../host/app-properties.ts';
import { writeCrontab } from '../host/crontab.ts';
import { rememberDeployed } from '../host/is-deployed.ts';
import type { App, Container } from '../host/state.ts';
import { configureProxy } from './configure-proxy.ts';
import { isNetwork } from './docker-args.ts';
import { type DeployedImage, type ReplacedProcesses, waitToRetire } from './processes.ts';
import { fail, type Release, runTask } from './release.ts';

/**
 * Does what follows when the new processes run: it keeps the settings of the deploy, rebuilds the proxy, renames the
 * containers and runs the postdeploy script. If the script fails, the new version keeps running.
 */
export async function runPostDeploy(
  release: Release,
  { image, manifest, procfile }: DeployedImage,
  replaced: ReplacedProcesses,
): Promise<void> {
  const { app, out } = release;
  out('-----> Running post-deploy');
  app.deployed = true;
  rememberDeployed(app);
  app.settings = { manifest, procfile };
  app.oldScale.clear();
  setProperty(app, 'ps', 'restore', 'true');
  configureProxy(release);
  renameContainers(release, replaced);
  attachNetworks(release);
  await Promise.all(app.leftovers.splice(0).map((container) => container.stop()));
  release.reach('postdeploy');
  await runTask(release, image, {
    name: 'postdeploy',
    command: manifest.scripts?.dokku?.postdeploy,
    from: 'app.json in ephemeral container',
  });
  const written = writeCrontab(release.state);
  if (written !== undefined) out(written);
  if (replaced.old.length > 0) out(`-----> Shutting down old containers in ${waitToRetire(app)} seconds`);
}

/** Attaches the new processes to the networks of `attach-post-deploy`. Aborts the deploy if one does not exist. */
function attachNetworks(release: Release): void {
  const { app, state, out } = release;
  const names =
    ownProperty(app, 'network', 'attach-post-deploy') ||
    ownProperty(state.global, 'network', 'attach-post-deploy');
  for (const name of names.split(',').filter((one) => one !== '')) {
    out(`-----> Associating app with network ${name}`);
    if (!isNetwork(state, name)) fail(release, `Network ${name} does not exist`);
  }
}

function renameContainers({ app, out }: Release, { started }: ReplacedProcesses): void {
  out('-----> Renaming containers');
  for (const container of sortedContainers(app)) {
    const name = `${app.name}.${dyno(container)}`;
    const id = container.id.slice(0, 12);
    const isNew = started.includes(container);
    // A container that was not replaced is renamed too, and back again.
    const previous = app.named.get(dyno(container))?.id.slice(0, 12);
    app.named.set(dyno(container), container);
    const time = Math.floor(Date.now() / 1_000);
    if (previous !== undefined) {
      out(`       Found previous container(s) (${previous}) named ${name}`);
      out(`       Renaming container (${previous}) ${name} to ${name}.${time}`);
    }
    const current = isNew ? `upcoming-${1_000 + Math.floor(Math.random() * 30_000)}` : time;
    out(`       Renaming container ${name}.${current} (${id}) to ${name}`);
  }
}

function dyno({ type, index }: Container): string {
  return `${type}.${index}`;
}

function sortedContainers({ containers }: App): Container[] {
  return [...containers].sort((a, b) => (dyno(a) < dyno(b) ? -1 : 1));
}
