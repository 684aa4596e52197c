import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { CheckStep, Plan, ShipStep, Step } from '../plan/plan.ts';
import type { ChildEnv } from '../source/process.ts';
import type { AppWatch } from './app-watch.ts';
import type { HostAccess } from './ask.ts';
import { performCheck } from './check-serving.ts';
import { performConfirm } from './confirm.ts';
import { performCreateService } from './create-service.ts';
import { performShip } from './deploy.ts';
import type { DeployResult } from './deploy-types.ts';
import type { Emit, StepOutcome } from './events.ts';
import { showFailedLog } from './failed-log.ts';
import { performMarkSettings } from './mark-settings.ts';
import { performRecord } from './record.ts';
import { recordFailure } from './record-failure.ts';
import { performRemoveApp } from './remove-app.ts';
import { createScriptLog } from './script-log.ts';
import { performSetting } from './setting.ts';
import { performCommand, performConfigure, type StepResult } from './steps.ts';
import { raceWithStop, stopError, stopGracePeriod } from './stop.ts';
import { performSweep } from './sweep.ts';

export interface ApplyOptions extends HostAccess {
  readonly plan: Plan;
  readonly source: Source;
  readonly childEnv: ChildEnv;
  /** Whether requests go through the job's proxy. */
  readonly isProxied: boolean;
  /** Whether the host is this machine. */
  readonly isHostLocal: boolean;
  readonly emit: Emit;
  /** Shows how far a running step is, on a terminal; undefined: there is nothing to show any more. */
  readonly showProgress?: (id: string, text: string | undefined) => void;
  /** Undefined for a plan that removes the app. */
  readonly watch: AppWatch | undefined;
}

/** The result of applying a plan. `stale`: a step showed that the host had changed since it was observed; plan again. */
export type ApplyResult =
  | {
      readonly kind: 'done';
      readonly deployed: DeployResult | undefined;
      /** The labels of the services that were to be removed, and that other apps use. */
      readonly kept: readonly string[];
    }
  | { readonly kind: 'stale' };

/** The steps that wait, run and have ended, and their results. */
interface Progress {
  readonly waiting: Set<Step>;
  readonly running: Map<string, Promise<void>>;
  readonly ended: Set<string>;
  readonly kept: string[];
  failure: { readonly error: unknown } | undefined;
  stale: boolean;
  deployed: DeployResult | undefined;
}

/**
 * Applies a plan: starts each step as soon as the steps that it needs are done, in parallel where possible. After a
 * failure it starts no further step and waits for those that run.
 *
 * Throws the first failure (a DeployError, or a bug), and the stop error when the run is stopped before all is done.
 */
export async function apply(options: ApplyOptions): Promise<ApplyResult> {
  const { plan, stop } = options;
  const progress: Progress = {
    waiting: new Set(plan.steps),
    running: new Map(),
    ended: new Set(),
    kept: [],
    failure: undefined,
    stale: false,
    deployed: undefined,
  };
  for (;;) {
    if (!isHalted(progress, stop)) startReadySteps(progress, options);
    if (progress.running.size === 0) break;
    await Promise.race(progress.running.values());
  }
  if (progress.failure) {
    await explainFailure(progress.failure.error, options);
    throw progress.failure.error;
  }
  const { deployed, kept } = progress;
  if (progress.ended.size === plan.steps.length) return { kind: 'done', deployed, kept };
  if (stop.aborted) throw stopError(stop);
  if (progress.stale) {
    await options.watch?.check(options);
    return { kind: 'stale' };
  }
  throw new Error('the plan has steps that depend on one another');
}

/** Throws `app-removed` instead of a refusal whose cause is that the app was removed while it was being deployed. */
async function explainFailure(error: unknown, options: ApplyOptions): Promise<void> {
  const isRefusal = error instanceof DeployError && error.exitCode >= 4 && !options.stop.aborted;
  if (!isRefusal || error.code === 'app-removed') return;
  await options.watch?.check(options).catch((reason: unknown) => {
    if (reason instanceof DeployError && /^app-/.test(reason.code)) throw reason;
  });
}

function isHalted(progress: Progress, stop: AbortSignal): boolean {
  return progress.failure !== undefined || progress.stale || stop.aborted;
}

function startReadySteps(progress: Progress, options: ApplyOptions): void {
  for (const step of [...progress.waiting]) {
    if (step.needs.every((id) => progress.ended.has(id))) startStep(step, progress, options);
  }
}

function startStep(step: Step, progress: Progress, options: ApplyOptions): void {
  progress.waiting.delete(step);
  const completion = runStep(step, progress, options)
    .then((result) => {
      if (result.outcome === 'stale') progress.stale = true;
      else progress.ended.add(step.id);
      progress.deployed ??= result.deployed;
      if (result.urls && progress.deployed)
        progress.deployed = { ...progress.deployed, urls: result.urls, isServing: false };
      if (result.kept !== undefined) progress.kept.push(result.kept);
    })
    .catch((error: unknown) => {
      progress.failure ??= { error };
    })
    .finally(() => progress.running.delete(step.id));
  progress.running.set(step.id, completion);
}

type AnyStepResult = StepResult & { readonly deployed?: DeployResult };

/** Performs a step and emits its start and end. A failure is emitted, then thrown again. */
async function runStep(step: Step, progress: Progress, options: ApplyOptions): Promise<AnyStepResult> {
  const { emit, now } = options;
  const { id, title } = step;
  const start = now();
  const end = (outcome: StepOutcome, note?: string) =>
    emit({ kind: 'step-ended', at: now(), id, title, outcome, took: now() - start, note });
  emit({ kind: 'step-started', at: start, id, title });
  options.watch?.noteStart(step);
  try {
    const result = await raceWithStop(
      performStep(step, progress, options),
      options,
      stopGracePeriod.applying,
    );
    if (result.outcome === 'stale') end('stopped', 'the host has changed in the meantime: checking again');
    else end(result.outcome, result.detail);
    options.watch?.noteEnd(step, result, now());
    return result;
  } catch (error) {
    end(
      options.stop.aborted ? 'stopped' : 'failed',
      error instanceof DeployError ? error.message : undefined,
    );
    throw error;
  }
}

function performStep(step: Step, { deployed }: Progress, options: ApplyOptions): Promise<AnyStepResult> {
  const onLine = (line: string) => options.emit({ kind: 'said', at: options.now(), id: step.id, line });
  switch (step.kind) {
    case 'command':
      return performCommand(step, options, onLine);
    case 'configure':
      return performConfigure(step, options);
    case 'create-service':
      return performCreateService(step, options);
    case 'confirm':
      return performConfirm(step, options);
    case 'remove-app':
      return performRemoveApp(step, options, onLine);
    case 'sweep':
      return performSweep(step, options);
    case 'setting':
      return performSetting(step, deployed, { ...options, onLine, warn: warner(step.app, options) });
    case 'mark-settings':
      return performMarkSettings(step, deployed, options);
    case 'ship':
      return runShipStep(step, options);
    case 'record':
      if (!deployed) throw new Error('nothing was deployed that could be recorded');
      return performRecord(step, deployed, options);
    case 'check':
      if (!deployed) throw new Error('nothing was deployed that could be checked');
      return runCheckStep(step, deployed, options);
  }
}

/** What is already recorded needs no record. */
const noRecord = { commit: undefined, committedAt: undefined, revision: undefined };

async function runCheckStep(
  step: CheckStep,
  deployed: DeployResult,
  options: ApplyOptions,
): Promise<AnyStepResult> {
  try {
    const showLog = logShower(step.app, options);
    return await performCheck(step, deployed, { ...options, warn: warner(step.app, options), showLog });
  } catch (error) {
    const { commit, committedAt, revision } = deployed.record ?? noRecord;
    await recordFailure(error, { plan: options.plan, commit, committedAt, revision, scripts: [] }, options);
    throw error;
  }
}

function logShower(app: string, { emit, now }: ApplyOptions): (lines: readonly string[]) => void {
  return (lines) => {
    if (lines.length === 0) return;
    emit({ kind: 'quoted', at: now(), id: 'log', title: `The last lines of the log of ${app}`, lines });
  };
}

function warner(about: string, { emit, now }: ApplyOptions): (message: string) => void {
  return (message) => emit({ kind: 'warned', at: now(), about, message });
}

async function runShipStep(step: ShipStep, options: ApplyOptions): Promise<AnyStepResult> {
  const { emit, now } = options;
  const scriptLog = createScriptLog(step.id, options);
  try {
    const deployed = await performShip(step, {
      ...options,
      onLine: scriptLog.onLine,
      onWait: (message) => emit({ kind: 'waiting', at: now(), id: step.id, message }),
      onProgress: (text) => options.showProgress?.(step.id, text),
      warn: warner(step.app, options),
      checkApp: async (config) => options.watch?.check(options, config),
      checkAppAgain: async () => options.watch?.checkAgain(options),
    });
    scriptLog.end();
    if (deployed.needsPlan) return { outcome: 'stale' };
    if (deployed.warning) emit({ kind: 'warned', at: now(), about: step.app, message: deployed.warning });
    const detailed = { ...deployed, scripts: deployed.shipped ? scriptLog.scripts() : undefined };
    return { outcome: deployed.shipped ? 'done' : 'skipped', detail: deployed.detail, deployed: detailed };
  } catch (error) {
    const { commit, shipment } = step;
    const { committedAt } = options.source;
    const revision = shipment.kind === 'sync' ? shipment.revision : undefined;
    const failed = { plan: options.plan, commit, committedAt, revision, scripts: scriptLog.scripts() };
    scriptLog.end();
    await recordFailure(error, failed, options);
    await showFailedLog(error, step.app, { ...options, showLog: logShower(step.app, options) });
    throw error;
  }
}
