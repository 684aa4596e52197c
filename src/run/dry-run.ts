import { formatAddress } from '../access/host-address.ts';
import { addCommitOrder } from '../apply/commit-order.ts';
import { observeHost } from '../apply/observe.ts';
import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { explainPlan } from '../plan/explain.ts';
import { emptyHostState, type HostState } from '../plan/host-state.ts';
import { addHostValues } from '../plan/host-values.ts';
import { addLockWarning } from '../plan/lock.ts';
import { savePlan } from '../plan/saved-plan.ts';
import { formatPlan } from '../plan/text.ts';
import { Secret } from '../secret.ts';
import { pickChildEnv } from './child-env.ts';
import { describeNotifications } from './notifications.ts';
import { writePlanReport } from './plan-report.ts';
import {
  addGeneratedSecrets,
  createHostAccess,
  describeHost,
  type Planner,
  type RunContext,
  reportWarnings,
} from './run-context.ts';
import { writeSavedPlan } from './saved-plan-file.ts';
import { describeUnchanged } from './unchanged-plan.ts';

/**
 * Prints the plan of a command for the current state of the host. Returns the exit code: 10 if the plan changes something and
 * `--exit-code` asks for it. Throws whatever went wrong.
 */
export async function printPlan(run: RunContext, planner: Planner): Promise<number> {
  const { context, flags, reporter } = run;
  reportWarnings(run);
  const { hostState, isLive } = await observeOrAssumeEmpty(run);
  if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
  const complete = addHostValues(context, hostState);
  reporter.addSecrets(complete.vault.values());
  const plan = addLockWarning(planner(complete, hostState), context, hostState);
  const { source } = context;
  const unchanged = await describeUnchanged(plan, { hostState, source, childEnv: pickChildEnv(run.world) });
  const notes = [...(unchanged ? [unchanged] : []), ...plan.notes, ...(await describeNotifications(context))];
  const address = isLive ? context.access?.address : undefined;
  if (flags.explain) {
    const vault = new Map([...namesOnly(context), ...addGeneratedSecrets(complete)]);
    reporter.print(explainPlan({ ...plan, notes }, { vault, source, address }), (script) => script);
  } else reporter.print({ ...plan, notes, host: address && formatAddress(address) }, formatPlan);
  if (flags.planOut) {
    if (!isLive) throw planWithoutHost(context.app);
    const saved = savePlan({ plan, hostState, host: describeHost(context) });
    await writeSavedPlan(flags.planOut, saved, run.world);
  }
  const changes = unchanged === undefined ? plan.steps : [];
  const reason =
    flags.terraformReport && (await writePlanReport(flags.terraformReport, { steps: changes }, run.world));
  if (flags.terraformReport && reason) {
    reporter.warn(flags.terraformReport, `not written: ${reason}. The plan is not affected.`);
    if (flags.strict) return 1;
  }
  return flags.exitCode && changes.length > 0 ? 10 : 0;
}

/** Returns the inherited secrets without their values, which are not known without a host. */
function namesOnly({ inherit }: Context): [string, Secret][] {
  return (inherit?.keys ?? []).map((key) => [`config.${key}`, new Secret(`config.${key}`, '')]);
}

function planWithoutHost(app: string): DeployError {
  return new DeployError('usage', {
    message: `--plan-out: the plan for ${app} was not saved, since no host was asked.`,
    remedy: 'Omit --offline, and check that the host is configured and can be reached.',
  });
}

interface Observation {
  readonly hostState: HostState;
  readonly isLive: boolean;
}

/** Observes the host. If it cannot be reached, the plan is made for an empty one, with a warning. */
async function observeOrAssumeEmpty(run: RunContext): Promise<Observation> {
  const { context, host, reporter } = run;
  if (!host) return { hostState: emptyHostState(context), isLive: false };
  const hostAccess = createHostAccess(run, host);
  try {
    const observed = await observeHost(context, hostAccess);
    const hostState = await addCommitOrder(context, observed, pickChildEnv(run.world));
    return { hostState, isLive: true };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    reporter.warn('the host', `${error.message} The plan is for an empty host.`);
    return { hostState: emptyHostState(context), isLive: false };
  }
}
