import { formatAddress } from '../access/host-address.ts';
import type { Emit } from '../apply/events.ts';
import type { Plan } from '../plan/plan.ts';
import { mapStrings } from '../report/map-strings.ts';
import { createProgressTracker } from '../report/progress-tracker.ts';
import { redactEvent } from '../report/redact.ts';
import { version } from '../version.ts';
import { announceBuild, type BuildingNote } from './building-note.ts';
import { endRun, type RunEnd } from './end-run.ts';
import { createRedactor } from './redactor.ts';
import type { Reporter, ReporterOptions, RunTarget } from './reporter-types.ts';
import { createRunLog } from './run-log.ts';

/** Creates the reporter of a run. */
export function createReporter(options: ReporterOptions): Reporter {
  const { world, flags } = options;
  const progress = createProgressTracker();
  const redactor = createRedactor(options.jobInput);
  const log = createRunLog({ ...options, progress });
  const startedAt = world.now();
  let target: RunTarget | undefined;
  let plan: Plan | undefined;
  let building: BuildingNote | undefined;

  const emit: Emit = (event) => {
    const redacted = redactEvent(event, redactor.redact);
    progress.record(redacted);
    log.emit(redacted);
  };
  const warn = (about: string, message: string): void =>
    emit({ kind: 'warned', at: world.now(), about, message });
  const hint = (message: string): void => emit({ kind: 'noted', at: world.now(), message });
  const logEnd = ({ result, error }: RunEnd, exitCode: number): void => {
    const at = world.now();
    emit({ kind: 'run-ended', at, took: at - startedAt, exitCode, result, error });
  };
  const end = (ended: RunEnd): Promise<number> =>
    endRun(ended, {
      ...{ options, progress, redactor, startedAt, target, plan, building, warn, hint },
      logEnd: (exitCode) => logEnd(ended, exitCode),
    });

  return {
    setContext: (newTarget) => {
      target = newTarget;
      redactor.addContext(newTarget.context);
    },
    start: () => {
      if (!target) throw new Error('a run without a target cannot start');
      const { access, command, app } = target.context;
      building = announceBuild(target.context, world);
      const host = access && formatAddress(access.address);
      emit({ kind: 'run-started', at: startedAt, command, version, app, host });
    },
    emit,
    showProgress: progress.note,
    warn,
    reportPlan: (newPlan) => {
      plan = newPlan;
      const steps = newPlan.steps.map(({ id, title }) => ({ id, title }));
      emit({ kind: 'planned', at: world.now(), steps });
      for (const message of newPlan.warnings ?? []) warn(newPlan.app, message);
      for (const message of newPlan.notes) hint(message);
    },
    note: hint,
    redact: redactor.redact,
    maskOutput: redactor.maskOutput,
    logReady: log.ready,
    addSecrets: redactor.addSecrets,
    addAppConfig: redactor.addAppConfig,
    print: (value, formatText, kept = []) => {
      redactor.keep(kept);
      const redacted = mapStrings(value, redactor.redact);
      world.stdout.write(flags.format === 'json' ? formatJson(redacted) : formatText(redacted));
    },
    finish: (result) => end({ result, error: undefined }),
    skip: (reason) => {
      hint(`Skipped: ${reason}.`);
      return end({ result: undefined, error: undefined, skipped: reason });
    },
    fail: (error) => end({ result: undefined, error }),
    refuse: (error) => {
      logEnd({ result: undefined, error }, error.exitCode);
      return error.exitCode;
    },
    [Symbol.dispose]: log[Symbol.dispose],
  };
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
