import { pluginMissingError, refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal, cleanHostOutput } from '../dokku/refusals.ts';
import { readServiceInfo } from '../dokku/service-info.ts';
import { serviceInfo, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import type { CreateServiceStep } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import { type AskResult, ask, type HostAccess } from './ask.ts';
import { type StepResult, writeConfig } from './steps.ts';
import { stopError } from './stop.ts';

/**
 * Creates a service. Its output contains the password, so none of it is shown.
 *
 * Throws `service-not-ours`, `plugin-missing`, `host-refused` and what `ask` throws.
 */
export async function performCreateService(
  step: CreateServiceStep,
  hostAccess: HostAccess,
): Promise<StepResult> {
  const answer = await ask(step.command, hostAccess, { timeLimit: limits.commandTime });
  if (answer.kind === 'answered') return { outcome: 'done', hasCreated: true };
  const refusal = classifyRefusal(answer);
  if (refusal === 'unknown-command')
    throw pluginMissingError(step.service.plugin, cleanHostOutput(answer.stderr));
  if (refusal !== 'exists') return settleExisting(step, answer, hostAccess);
  // After a lost connection the service is what the first attempt created.
  if (answer.attempts > 1) return { outcome: 'done', hasCreated: true };
  if (step.markerWithoutService === undefined) return { outcome: 'skipped', detail: 'it already exists' };
  return settleExisting(step, answer, hostAccess);
}

type Refusal = AskResult & { readonly kind: 'refused' };

/**
 * How long another job may take to link the service that it has created, and how often to look, in milliseconds. It links
 * its services one after the other, each of which the host may have to download an image for.
 */
const linkDelay = 60_000;
const pollInterval = 1_000;
/** How long a service whose creation failed may take to turn out to be another job's, in milliseconds. */
const failureDelay = 10_000;

/**
 * Decides about a service that was absent when the host was observed and that could not be created now. Another job of the
 * same app may have been faster; then the service is this app's. If two jobs create it at the same time, Dokku answers the second
 * one with an error from Docker instead of "already exists".
 */
async function settleExisting(
  step: CreateServiceStep,
  refusal: Refusal,
  hostAccess: HostAccess,
): Promise<StepResult> {
  const exists = classifyRefusal(refusal) === 'exists';
  const deadline = hostAccess.now() + (exists ? linkDelay : failureDelay);
  for (;;) {
    const answer = await ask(serviceInfo(step.service), hostAccess);
    if (answer.kind === 'refused') {
      if (exists && classifyRefusal(answer) === 'missing') return { outcome: 'stale' };
      throw refusedError(step.command, refusal);
    }
    const { links, status } = readServiceInfo(answer.stdout);
    const isOwn = links.length === 0 && (exists || status === 'running') && hasDefaultName(step);
    if (links.includes(step.app) || isOwn)
      return { outcome: 'skipped', detail: 'another job of this app created it' };
    if (links.length > 0) return refuseTakenService(step, hostAccess);
    if (hostAccess.now() >= deadline) {
      if (exists) return refuseTakenService(step, hostAccess);
      throw refusedError(step.command, refusal);
    }
    await hostAccess.sleep(pollInterval);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}

/**
 * Whether the service has the name that it gets by default. No other app's service has it by default: one that appeared
 * after the host was observed, and that no app links yet, was created by another job of this app, which is still about to
 * link it. A name from the configuration file proves nothing: `shop` may call a service `shop-api-database`, as `shop-api`
 * calls its own.
 */
function hasDefaultName({ app, service: { plugin, name } }: CreateServiceStep): boolean {
  if (!name.startsWith(`${app}-`)) return false;
  const suffix = name.slice(app.length + 1);
  return (
    suffix === 'database' || suffix === plugin || (suffix.startsWith(`${plugin}-`) && /-\d+$/.test(suffix))
  );
}

async function refuseTakenService(step: CreateServiceStep, hostAccess: HostAccess): Promise<never> {
  if (step.markerWithoutService) await writeConfig(step.markerWithoutService, hostAccess);
  throw new DeployError('service-not-ours', {
    message: `The service ${serviceLabel(step.service)} was created by someone else while this job ran.`,
    remedy: 'Run the job again, or choose another name for the service in .dokku-deploy.yml.',
  });
}
