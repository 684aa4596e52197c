import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfig } from '../dokku/reports.ts';
import { isBareConfig } from '../plan/host-state.ts';
import type { SweepStep } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import { type AskResult, ask, askAll, type HostAccess } from './ask.ts';
import type { StepResult } from './steps.ts';
import { stopError } from './stop.ts';

const pollInterval = 1_000;

/**
 * How long another job may have commands on their way to the host, in milliseconds: it notices the removal with the first
 * one that needs the app, and then cleans up itself, unless it is killed.
 */
const commandDelay = 5_000;

/**
 * How long an app without configuration may stay so, in milliseconds. A job that creates an app marks it right after; one
 * whose push has created it again removes it.
 */
const markDelay = 6_000;

/**
 * Removes what another job has created while its app was being removed: services, which no marker names any more, and an
 * app without a marker. If the app exists again and is in use, the services are, too. The result is `stale` if an app
 * without a marker is left.
 *
 * Throws what `ask` throws, and the stop's error.
 */
export async function performSweep(step: SweepStep, hostAccess: HostAccess): Promise<StepResult> {
  const { now, sleep, stop } = hostAccess;
  const removed: string[] = [];
  const end = now() + (step.isUnfinished ? commandDelay : 0);
  let bareSince: number | undefined;
  for (;;) {
    const { app, services } = await look(step, hostAccess);
    if (app === 'used') return { outcome: 'done', ...(services.length > 0 && { detail: usedAgain }) };
    removed.push(...(await removeServices(services, hostAccess)));
    if (app === 'bare') bareSince ??= now();
    else bareSince = undefined;
    if (bareSince !== undefined && now() - bareSince >= markDelay) return { outcome: 'stale' };
    if (bareSince === undefined && now() >= end) return describeRemoved(removed);
    await sleep(pollInterval);
    if (stop.aborted) throw stopError(stop);
  }
}

const usedAgain = 'another job has created the app again';

type Services = SweepStep['services'];

/** Returns the state of the app, and which of its services exist. */
async function look(
  { command, services }: SweepStep,
  hostAccess: HostAccess,
): Promise<{ readonly app: 'missing' | 'bare' | 'used'; readonly services: Services }> {
  const [app, ...answers] = await askAll([command, ...services.map(({ exists }) => exists)], hostAccess);
  return {
    app: app === undefined ? 'used' : readApp(app),
    services: services.filter((_, index) => answers[index]?.kind === 'answered'),
  };
}

/** What cannot be read may be in use. */
function readApp(answer: AskResult): 'missing' | 'bare' | 'used' {
  if (answer.kind === 'refused') return classifyRefusal(answer) === 'missing' ? 'missing' : 'used';
  const config = readConfig(answer.stdout);
  return config !== undefined && isBareConfig(config) ? 'bare' : 'used';
}

/** Dokku refuses to destroy a service that is linked, so that of an app created right now is kept. */
async function removeServices(services: Services, hostAccess: HostAccess): Promise<string[]> {
  const removed: string[] = [];
  for (const { destroy, label } of services) {
    const answer = await ask(destroy, hostAccess, { timeLimit: limits.commandTime });
    if (answer.kind === 'answered') removed.push(label);
  }
  return removed;
}

function describeRemoved(removed: readonly string[]): StepResult {
  if (removed.length === 0) return { outcome: 'done' };
  return { outcome: 'done', detail: `removed ${[...new Set(removed)].join(', ')}, left by another job` };
}
