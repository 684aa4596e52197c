import { ownProperty } from '../host/app-properties.ts';
import { parseEnv } from '../host/envfile.ts';
import { hasCluster } from '../host/running-state.ts';
import type { ReleaseOptions } from '../host/state.ts';
import { linkMounts } from './link-mounts.ts';
import { runPostDeploy } from './post-deploy.ts';
import { type DeployedImage, deployProcesses, type ReplacedProcesses } from './processes.ts';
import { pushToRegistry } from './registry-push.ts';
import { fail, type Release, runRelease } from './release.ts';

/** Releases an image and runs it with the app's scheduler. A restart only replaces the processes. */
export async function runImage(
  release: Release,
  deployed: DeployedImage,
  { from, types }: Pick<ReleaseOptions, 'from' | 'types'>,
): Promise<void> {
  const { app, state, out } = release;
  const scheduler =
    ownProperty(app, 'scheduler', 'selected') || ownProperty(state.global, 'scheduler', 'selected');
  const isOnCluster = scheduler === 'k3s' && hasCluster(state);
  const isLocal = scheduler === '' || scheduler === 'docker-local' || isOnCluster;
  linkMounts(state, app, deployed.image.folder);
  if (from !== 'restart') {
    release.reach('release');
    await runRelease(release, deployed.image, deployed);
    pushToRegistry(release);
    if (isLocal) announceChecks(release, deployed);
    if (skipsDeploy(release)) {
      out('-----> Skipping deployment');
      return out('');
    }
    out(`-----> Deploying ${app.name} via the ${scheduler || 'docker-local'} scheduler...`);
  }
  if (isLocal) await runLocally(release, deployed, types);
  else if (scheduler === 'k3s') failWithoutCluster(release);
  // Any other scheduler deploys nothing, without an error.
  if (from === 'restart') return;
  app.deployed = true;
  out('=====> Application deployed:');
  for (const url of release.urls()) out(`       ${url}`);
  out('');
}

const red = '\u001b[1m\u001b[31m !     \u001b[0m\u001b[0m';

function announceChecks({ out }: Release, { manifest }: DeployedImage): void {
  out('=====> Processing deployment checks');
  if ((manifest.healthchecks?.web ?? []).length > 0) return;
  out(`${red}No healthchecks found in app.json for web process type`);
  out('       No web healthchecks found in app.json. Simple container checks will be performed.');
  out(
    '       For more efficient zero downtime deployments, add healthchecks to your app.json. See https://dokku.com/docs/deployment/zero-downtime-deploys/ for examples',
  );
}

/** Returns whether the app is only to be released: by `ps:set skip-deploy`, or by the variable that came before it. */
function skipsDeploy({ app, state }: Release): boolean {
  if (parseEnv(app.envFile).get('DOKKU_SKIP_DEPLOY') === 'true') return true;
  return (ownProperty(app, 'ps', 'skip-deploy') || ownProperty(state.global, 'ps', 'skip-deploy')) === 'true';
}

async function runLocally(
  release: Release,
  deployed: DeployedImage,
  types: readonly string[] | undefined,
): Promise<void> {
  const replaced: ReplacedProcesses = { started: [], old: [] };
  try {
    release.reach('check');
    await deployProcesses(release, deployed, { types, replaced });
    await runPostDeploy(release, deployed, replaced);
  } finally {
    await Promise.all(replaced.old.map((container) => container.stop()));
  }
}

function failWithoutCluster(release: Release): never {
  return fail(
    release,
    'Error creating kubernetes namespace for deployment: stat /etc/rancher/k3s/k3s.yaml: no such file or directory',
  );
}
