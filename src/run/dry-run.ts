import { observe } from '../apply/observe.ts';
import { DeployError } from '../errors.ts';
import { emptyHost, type Facts } from '../plan/facts.ts';
import { promised } from './notifications.ts';
import { showDryRun } from './result.ts';
import { meansOf, planFor, type Running, tellWarnings } from './run-context.ts';

/**
 * Prints the plan of a command, for the host as it is. Gives the exit code: 10 where `--exit-code` asks whether there is work.
 * Raises what went wrong.
 */
export async function showPlan(running: Running): Promise<number> {
  const { context, flags, reporter } = running;
  tellWarnings(running);
  const { facts, asked } = await look(running);
  const made = planFor(context, facts);
  const plan = { ...made, notes: [...made.notes, ...(await promised(context))] };
  reporter.result(showDryRun(asked ? plan : { ...plan, host: undefined }, flags.format));
  return flags.exitCode && plan.steps.length > 0 ? 10 : 0;
}

interface Looked {
  readonly facts: Facts;
  readonly asked: boolean;
}

/** A host that can't be reached keeps nobody from seeing a plan. */
async function look(running: Running): Promise<Looked> {
  const { context, host, reporter } = running;
  if (!host) return { facts: emptyHost(context), asked: false };
  const means = meansOf(running, host);
  try {
    return { facts: await observe(context, means), asked: true };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'host-not-reached') throw error;
    reporter.warn('the host', `${error.message} The plan is for an empty host.`);
    return { facts: emptyHost(context), asked: false };
  }
}
