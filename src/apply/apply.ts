import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { Plan, ShipStep, Step } from '../plan/plan.ts';
import type { ChildWorld } from '../source/process.ts';
import type { Means } from './ask.ts';
import { type Deployed, performShip } from './deploy.ts';
import type { StepOutcome, Tell } from './events.ts';
import { type Performed, performCommand, performConfigure, performCreateService } from './steps.ts';
import { stopGrace, stopped, unlessAbandoned } from './stop.ts';

export interface Applying extends Means {
  readonly plan: Plan;
  readonly source: Source;
  readonly child: ChildWorld;
  readonly tell: Tell;
}

/** What came of a plan. `stale`: a step showed that the host had changed since it was seen; plan again. */
export type Applied =
  | { readonly kind: 'done'; readonly deployed: Deployed | undefined }
  | { readonly kind: 'stale' };

/** What goes on side by side, and what has come of it. */
interface Progress {
  readonly waiting: Set<Step>;
  readonly running: Map<string, Promise<void>>;
  readonly ended: Set<string>;
  failure: { readonly error: unknown } | undefined;
  stale: boolean;
  deployed: Deployed | undefined;
}

/**
 * Makes a plan true: starts each step as soon as those that it needs are done, side by side where it may. After a
 * failure nothing more is started, and what runs is waited for.
 *
 * Raises the first failure (a DeployError, or a bug), and the stop's error when the run is told to stop before all is done.
 */
export async function apply(applying: Applying): Promise<Applied> {
  const { plan, stop } = applying;
  const progress: Progress = {
    waiting: new Set(plan.steps),
    running: new Map(),
    ended: new Set(),
    failure: undefined,
    stale: false,
    deployed: undefined,
  };
  for (;;) {
    if (!halted(progress, stop)) startReady(progress, applying);
    if (progress.running.size === 0) break;
    await Promise.race(progress.running.values());
  }
  if (progress.failure) throw progress.failure.error;
  if (progress.ended.size === plan.steps.length) return { kind: 'done', deployed: progress.deployed };
  if (stop.aborted) throw stopped(stop);
  if (progress.stale) return { kind: 'stale' };
  throw new Error('the plan has steps that need one another');
}

function halted(progress: Progress, stop: AbortSignal): boolean {
  return progress.failure !== undefined || progress.stale || stop.aborted;
}

function startReady(progress: Progress, applying: Applying): void {
  for (const step of [...progress.waiting]) {
    if (step.needs.every((id) => progress.ended.has(id))) start(step, progress, applying);
  }
}

function start(step: Step, progress: Progress, applying: Applying): void {
  progress.waiting.delete(step);
  const settled = run(step, applying)
    .then((result) => {
      if (result.outcome === 'stale') progress.stale = true;
      else progress.ended.add(step.id);
      progress.deployed ??= result.deployed;
    })
    .catch((error: unknown) => {
      progress.failure ??= { error };
    })
    .finally(() => progress.running.delete(step.id));
  progress.running.set(step.id, settled);
}

type StepResult = Performed & { readonly deployed?: Deployed };

/** Performs a step and tells of its start and end. A failure is told, and raised again. */
async function run(step: Step, applying: Applying): Promise<StepResult> {
  const { tell, now } = applying;
  const { id, title } = step;
  const start = now();
  const end = (outcome: StepOutcome, note?: string) =>
    tell({ kind: 'step-ended', at: now(), id, title, outcome, took: now() - start, note });
  tell({ kind: 'step-started', at: start, id, title });
  try {
    const result = await unlessAbandoned(perform(step, applying), applying, stopGrace.changing);
    if (result.outcome === 'stale') end('stopped', 'the host has changed since it was seen: looking again');
    else end(result.outcome, result.note);
    return result;
  } catch (error) {
    end(
      applying.stop.aborted ? 'stopped' : 'failed',
      error instanceof DeployError ? error.message : undefined,
    );
    throw error;
  }
}

function perform(step: Step, applying: Applying): Promise<StepResult> {
  const say = (line: string) => applying.tell({ kind: 'said', at: applying.now(), id: step.id, line });
  switch (step.kind) {
    case 'command':
      return performCommand(step, applying, say);
    case 'configure':
      return performConfigure(step, applying);
    case 'create-service':
      return performCreateService(step, applying);
    case 'ship':
      return performShipStep(step, applying);
  }
}

async function performShipStep(step: ShipStep, applying: Applying): Promise<StepResult> {
  const { tell, now } = applying;
  const deployed = await performShip(step, {
    ...applying,
    say: (line) => tell({ kind: 'said', at: now(), id: step.id, line }),
    waiting: (message) => tell({ kind: 'waiting', at: now(), id: step.id, message }),
    warn: (message) => tell({ kind: 'warned', at: now(), about: step.app, message }),
  });
  if (deployed.warning) tell({ kind: 'warned', at: now(), about: step.app, message: deployed.warning });
  return { outcome: deployed.shipped ? 'done' : 'skipped', note: deployed.note, deployed };
}
