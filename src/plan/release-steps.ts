import type { Context } from '../context/context.ts';
import type { Probe } from '../context/probe-types.ts';
import { configureStep } from './config-steps.ts';
import { checkStep, plannedRelease, recordStep } from './deploy-steps.ts';
import { type HostState, runningVersion } from './host-state.ts';
import { ownerKey } from './keys.ts';
import { formatOwner, ownerOf } from './owner.ts';
import type { Step, StepShipment } from './plan.ts';
import { hostRevision, type Release, type ReleaseOrigin } from './releases.ts';

/** What a plan deploys that is on a host already. */
export interface ReleaseSteps {
  readonly title: string;
  readonly shipment: StepShipment;
  readonly commit: string;
  readonly committedAt: string | undefined;
  readonly origin: ReleaseOrigin;
  /** The releases of the app, for a plan that another job's deploy makes pointless. */
  readonly releases?: readonly Release[] | undefined;
}

/**
 * Returns the steps that deploy to an existing app what a host already has: mark the app if its mark is not the job's, have it
 * built, record it, check that it answers.
 */
export function planReleaseSteps(
  context: Context,
  hostState: HostState,
  { title, shipment, commit, committedAt, origin, releases }: ReleaseSteps,
): Step[] {
  const mark = markSteps(context, hostState);
  const probe = context.probe && probeFor(commit, context, context.probe);
  return [
    ...mark,
    {
      kind: 'ship',
      id: 'deploy',
      title,
      needs: mark.map(({ id }) => id),
      repeat: 'what is already running is not built again',
      app: context.app,
      shipment,
      branch: hostState.deployBranch ?? 'master',
      commit,
      committedAt,
      rebuild: context.rebuild,
      waitSeconds: context.waitSeconds,
      running: runningVersion(hostState),
      checkFirst: true,
      probes: context.probe !== undefined,
      releases: releases?.flatMap((release) => hostRevision(release) ?? []),
      superseded: context.superseded,
    },
    recordStep(context.app, plannedRelease(context, origin)),
    ...(probe ? [checkStep(context.app, probe, commit)] : []),
  ];
}

function markSteps(context: Context, { app = 'absent' }: HostState): Step[] {
  if (app === 'absent') return [];
  const mark = formatOwner(ownerOf(context, app.owner));
  return app.config.get(ownerKey) === mark ? [] : [configureStep(context.app, { [ownerKey]: mark }, [])];
}

/** The text may contain the job’s commit, which the version of another one does not show. */
function probeFor(commit: string, { job }: Context, probe: Probe): Probe {
  return commit === job.commit ? probe : { ...probe, text: undefined };
}
