import type { Answer } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfig } from '../dokku/reports.ts';
import { destroyService, type ServiceId, serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import type { AppGuard } from '../plan/app-guard.ts';
import { type AppState, isBareConfig } from '../plan/host-state.ts';
import type { Step } from '../plan/plan.ts';
import { limits } from '../ssh/limits.ts';
import { ask, askAll, type HostAccess } from './ask.ts';
import type { StepResult } from './steps.ts';

/** Watches over the app of a run, whose plans it outlives: another job may remove the app at any moment. */
export interface AppWatch {
  /**
   * Notes how the host was observed.
   *
   * Throws `app-removed` if the app was the job's own before and is missing now.
   */
  readonly observe: (app: AppState | 'absent' | undefined, hostAccess: HostAccess) => Promise<void>;
  readonly noteStart: (step: Step) => void;
  readonly noteEnd: (step: Step, result: StepResult, now: number) => void;
  /**
   * Checks that the app is still there and still the job's own. If it isn't, removes what this run has created, which no
   * marker names any more. The configuration is asked for unless the answer is given.
   *
   * Throws `app-removed`, `app-not-ours` if another job has marked the app, `locked` if someone has locked it, `host-refused` if the
   * host has lost its configuration, and what `ask` throws.
   */
  readonly check: (hostAccess: HostAccess, config?: Answer) => Promise<void>;
  /** The same, unless the app was there a moment ago. */
  readonly checkAgain: (hostAccess: HostAccess) => Promise<void>;
}

/** How long an observation of the app stays valid, in milliseconds. The host takes longer to remove an app (recorded: 5 s). */
const maxAge = 2_000;

/** How long a new job may take to mark the app that it has created, in milliseconds. */
const markDelay = 4_000;
const pollInterval = 1_000;

/** Creates the watch of one run. */
export function createAppWatch(guard: AppGuard): AppWatch {
  const created = new Map<string, ServiceId>();
  let isMarked = false;
  let isCreated = false;
  let hasPushed = false;
  let seenAt = Number.NEGATIVE_INFINITY;
  const check: AppWatch['check'] = async (hostAccess, answer) => {
    if (!isMarked && !isCreated) return;
    const askedAt = hostAccess.now();
    const config = readAppConfig(answer ?? (await ask(guard.command, hostAccess)));
    if (config === 'unknown') return;
    if (config !== 'missing') {
      refuseOtherOwner(guard, config);
      guard.refuseLocked(config);
    }
    // Before its mark is written, all that shows is whether the app exists. One that has only lost its mark, because
    // another job wrote the configuration at the same time, still has its links.
    const isNew = config !== 'missing' && isMarked && guard.isNew(config);
    if (config !== 'missing' && !isNew) {
      seenAt = askedAt;
      return;
    }
    const removed = guard.removal ? await removeServices([...created.values()], hostAccess) : [];
    if (guard.removal && isNew && hasPushed) {
      const isKept = await removePushedApp({ ...guard, ...guard.removal }, hostAccess);
      if (isKept) throw configLostError(guard);
    }
    throw appRemovedError(guard, removed);
  };
  return {
    observe: async (app, hostAccess) => {
      if (app === 'absent') await check(hostAccess);
      else if (app && guard.isOwn(app.config)) {
        isMarked = true;
        seenAt = hostAccess.now();
      }
    },
    noteStart: ({ kind }) => {
      if (kind === 'ship') hasPushed = true;
    },
    noteEnd: (step, { outcome, hasCreated }, now) => {
      if (outcome === 'stale') return;
      // Each step before the push needs the app, and fails without it.
      seenAt = now;
      if (step.kind === 'configure') isMarked = true;
      if (step.id === 'create-app') isCreated = true;
      if (step.kind === 'create-service' && hasCreated) created.set(serviceLabel(step.service), step.service);
    },
    check,
    checkAgain: async (hostAccess) => {
      if (hostAccess.now() - seenAt > maxAge) await check(hostAccess);
    },
  };
}

/** Of two jobs that mark an unmarked app at the same time, the one that wrote last has it. */
function refuseOtherOwner(guard: AppGuard, config: ReadonlyMap<string, string>): void {
  const owner = guard.describeOtherOwner(config);
  if (owner === undefined) return;
  throw new DeployError('app-not-ours', {
    message: `Another job has marked the app ${guard.app} while this one ran: it ${owner}.`,
    remedy: 'Give each project, environment and branch its own app (--app, or .dokku-deploy.yml).',
  });
}

function readAppConfig(answer: Answer): ReadonlyMap<string, string> | 'missing' | 'unknown' {
  if (answer.kind === 'refused') return classifyRefusal(answer) === 'missing' ? 'missing' : 'unknown';
  return readConfig(answer.stdout) ?? 'unknown';
}

/** The host refuses to destroy a service that is linked, so one that another job uses by now is kept. */
async function removeServices(services: readonly ServiceId[], hostAccess: HostAccess): Promise<string[]> {
  const removed: string[] = [];
  for (const service of services) {
    const answer = await ask(destroyService(service), hostAccess, { timeLimit: limits.commandTime });
    if (answer.kind === 'answered') removed.push(serviceLabel(service));
  }
  return removed;
}

type PushedApp = AppGuard & NonNullable<AppGuard['removal']>;

/**
 * Removes an app that this run's push has created after another job had removed it. It may instead belong to a new job, which
 * marks an app right after it has created it, or be the run's own app, whose configuration the host has lost. So it is removed
 * only if it stays unmarked, and nothing was ever set on it or deployed to it. Returns whether it is kept because something was.
 */
async function removePushedApp(
  { command, questions, destroy }: PushedApp,
  hostAccess: HostAccess,
): Promise<boolean> {
  const { now, sleep, stop } = hostAccess;
  const deadline = now() + markDelay;
  for (;;) {
    const config = readAppConfig(await ask(command, hostAccess));
    if (config === 'missing' || config === 'unknown' || !isBareConfig(config)) return false;
    if (now() >= deadline || stop.aborted) break;
    await sleep(pollInterval);
  }
  const answers = await askAll(
    questions.map((question) => question.command),
    hostAccess,
  );
  const states = answers.map((answer, index) => questions[index]?.read(answer) ?? {});
  const findings = states.flatMap((state) => state.findings ?? []);
  const exists = states.every(({ app }) => app !== 'absent');
  if (exists && findings.length === 0) await ask(destroy, hostAccess, { timeLimit: limits.commandTime });
  return exists && findings.some(({ kind }) => kind === 'set');
}

function configLostError({ app }: AppGuard): DeployError {
  return new DeployError('host-refused', {
    message: `The host has lost the configuration of the app ${app}, and this branch's mark with it. The app and its services are kept.`,
    remedy:
      'A full disk can cause this. Once that is fixed, an operator restores the configuration (dokku config:import), or removes the review app.',
  });
}

function appRemovedError({ app }: AppGuard, removed: readonly string[]): DeployError {
  const services =
    removed.length > 0 ? ` What this run had created was removed too: ${removed.join(', ')}.` : '';
  return new DeployError('app-removed', {
    message: `The app ${app} was removed while this job ran.${services}`,
    remedy: 'If its branch was closed or deleted, there is nothing to do. Otherwise run the job again.',
  });
}
