import { configWrite } from '../plan/config-write.ts';
import { type DeployRecord, readReleases, recordWrite } from '../plan/deploy-record.ts';
import { pendingKey } from '../plan/keys.ts';
import type { PlannedRelease, RecordStep } from '../plan/plan.ts';
import { addRelease, type Release } from '../plan/releases.ts';
import type { HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { performConfigure, type StepResult } from './steps.ts';
import { askConfig } from './what-runs.ts';

/**
 * Records on the app what was deployed, and adds it to the app's releases. These are read again first, as another job may have
 * added one.
 *
 * Throws `host-refused` and what `ask` throws.
 */
export async function performRecord(
  { app, release, pending }: RecordStep,
  deployed: DeployResult,
  hostAccess: HostAccess,
): Promise<StepResult> {
  const { record, supersededBy } = deployed;
  const hasPending = pending !== undefined && supersededBy === undefined;
  const config = hasPending || (record && release) ? await askConfig(app, hostAccess) : undefined;
  // Another job may have changed the configuration again since.
  const cleared = hasPending && config?.get(pendingKey) === pending ? { [pendingKey]: '' } : {};
  if (record === undefined) {
    return Object.keys(cleared).length > 0
      ? performConfigure(configWrite(app, cleared), hostAccess)
      : { outcome: 'skipped', detail: 'already recorded' };
  }
  const releases =
    release &&
    config &&
    addDeployed(readReleases(app, config), { release, record, deployed, now: hostAccess.now() });
  return performConfigure(recordWrite(app, record, releases, cleared), hostAccess);
}

interface Addition {
  readonly release: PlannedRelease;
  readonly record: DeployRecord;
  readonly deployed: DeployResult;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** If nothing was shipped, another job, or one that was killed since, may have recorded the release already. */
function addDeployed(
  releases: readonly Release[],
  { release, record, deployed, now }: Addition,
): readonly Release[] {
  const { commit, committedAt, revision, image } = record;
  const [newest] = releases;
  if (!deployed.shipped && newest?.outcome === 'deployed' && newest.revision === revision) return releases;
  return addRelease(releases, {
    ...{ commit, committedAt, revision, image, ...release },
    at: new Date(now).toISOString(),
    outcome: 'deployed',
    scripts: deployed.scripts,
  });
}
