import type { Context } from '../context/context.ts';
import type { Probe } from '../context/probe-types.ts';
import type { RunningVersion } from './deploy-record.ts';
import { type HostState, runningVersion } from './host-state.ts';
import type { CheckStep, PlannedRelease, RecordStep, ShipStep, Step } from './plan.ts';
import type { ReleaseOrigin } from './releases.ts';
import { describeShipment, stepShipment } from './shipment.ts';

interface DeployInput {
  /** The steps that come first. */
  readonly before: readonly Step[];
  /** Whether to build the commit even if the host has it. */
  readonly rebuild: boolean;
  /** The mark of a changed configuration, which the deploy makes count. */
  readonly pending: string | undefined;
}

/** Returns the last steps of a plan that deploys: ship the commit, record it, check that the app answers. */
export function planDeploySteps(
  context: Context,
  hostState: HostState,
  { before, rebuild, pending }: DeployInput,
): readonly (ShipStep | RecordStep | CheckStep)[] {
  const running = runningVersion(hostState);
  return [
    {
      kind: 'ship',
      id: 'deploy',
      title: `Deploy ${describeShipment(context)} to ${context.app}`,
      needs: before.map(({ id }) => id),
      repeat: 'what is already running is not shipped again',
      app: context.app,
      shipment: stepShipment(context),
      branch: hostState.deployBranch ?? 'master',
      commit: context.source.commit,
      rebuild: context.rebuild || rebuild,
      waitSeconds: context.waitSeconds,
      running,
      checkFirst: before.length > 0 || hostState.isBuilding !== false || isUnrecorded(running),
      probes: context.probe !== undefined,
      superseded: context.superseded,
    },
    {
      ...recordStep(
        context.app,
        context.target === 'environment' ? plannedRelease(context, { kind: 'deploy' }) : undefined,
      ),
      ...(pending === undefined ? {} : { pending }),
    },
    ...(context.probe ? [checkStep(context.app, context.probe, context.source.commit)] : []),
  ];
}

/** Whether the job that deployed what runs may be about to record its commit. */
function isUnrecorded({ revision, record }: RunningVersion): boolean {
  return revision !== undefined && record === undefined;
}

/** Returns what is known of a release before it is deployed. */
export function plannedRelease({ job }: Context, origin: ReleaseOrigin): PlannedRelease {
  return { origin, job: job.url, user: job.user };
}

/** Returns the step that records, on the app, what was deployed. Only the app of an environment has a `release`. */
export function recordStep(app: string, release: PlannedRelease | undefined): RecordStep {
  return {
    kind: 'record',
    id: 'record',
    title: `Record the commit on ${app}`,
    needs: ['deploy'],
    repeat: 'the same values are written again',
    app,
    release,
  };
}

/** Returns the step that checks that an app answers, after it was recorded. */
export function checkStep(app: string, probe: Probe, commit: string | undefined): CheckStep {
  return {
    kind: 'check',
    id: 'check',
    title: `Check that ${app} answers${probe.path === '/' ? '' : ` at ${probe.path}`}`,
    needs: ['record'],
    repeat: 'a request changes nothing',
    app,
    commit,
    probe,
  };
}
