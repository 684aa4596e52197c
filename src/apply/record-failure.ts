import { DeployError, type ErrorCode } from '../errors.ts';
import { readReleases, releasesWrite } from '../plan/deploy-record.ts';
import type { Plan, RecordStep } from '../plan/plan.ts';
import { addRelease, type Release } from '../plan/releases.ts';
import type { HostAccess } from './ask.ts';
import { writeConfig } from './steps.ts';
import { askConfig } from './what-runs.ts';

/** What is known about a deploy that failed. */
export interface FailedDeploy {
  readonly plan: Plan;
  readonly commit: string | undefined;
  readonly committedAt: string | undefined;
  /** What was built; undefined if only the host knows it. */
  readonly revision: string | undefined;
  readonly scripts: readonly string[];
}

/**
 * Notes a failed deploy in the app's releases, if the plan keeps them. The failure itself is reported anyway, so it does not
 * matter if it cannot be noted: never throws.
 */
export async function recordFailure(
  error: unknown,
  { plan, commit, ...failed }: FailedDeploy,
  hostAccess: HostAccess,
): Promise<void> {
  const step = plan.steps.find(({ kind }) => kind === 'record') as RecordStep | undefined;
  if (!(error instanceof DeployError) || !recordedFailures.has(error.code)) return;
  if (step?.release === undefined || commit === undefined || hostAccess.stop.aborted) return;
  try {
    const { app, release } = step;
    const config = await askConfig(app, hostAccess);
    if (config === undefined) return;
    const releases = addFailed(readReleases(app, config), {
      ...{ ...failed, ...release, commit },
      // GIT_REV names what was tried last, whatever became of it.
      revision: failed.revision ?? config.get('GIT_REV'),
      at: new Date(hostAccess.now()).toISOString(),
      outcome: error.code,
    });
    await writeConfig(releasesWrite(app, releases), hostAccess);
  } catch {}
}

/** Failures after which a build of the commit exists, or was tried. */
const recordedFailures: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'image-not-pulled',
  'build-failed',
  'release-failed',
  'postdeploy-failed',
  'unhealthy',
  'not-deployed',
  'not-serving',
]);

/** An app that does not serve has already been recorded as deployed: that entry is corrected. */
function addFailed(releases: readonly Release[], release: Omit<Release, 'number'>): readonly Release[] {
  const [newest, ...others] = releases;
  const isListed = newest?.commit === release.commit && newest.outcome === 'deployed';
  if (release.outcome !== 'not-serving' || newest === undefined || !isListed)
    return addRelease(releases, release);
  return [{ ...newest, outcome: release.outcome }, ...others];
}
