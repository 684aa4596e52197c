import type { RunResult } from '../apply/events.ts';
import type { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProgressTracker } from '../report/progress-tracker.ts';
import { redactError } from '../report/redact.ts';
import type { HostUsage } from '../ssh/host.ts';
import { writeArtifacts } from './artifacts.ts';
import type { BuildingNote } from './building-note.ts';
import { notifyAll } from './notifications.ts';
import type { Redactor } from './redactor.ts';
import type { ReporterOptions, RunTarget } from './reporter-types.ts';
import { formatResult } from './result.ts';
import { buildSummary, formatSummary } from './summary.ts';

/** How a run ended. */
export interface RunEnd {
  readonly result: RunResult | undefined;
  readonly error: DeployError | undefined;
  /** Why there was nothing to do. */
  readonly skipped?: string;
}

/** What a reporter knows at the end of a run. */
export interface EndedRun {
  readonly options: ReporterOptions;
  readonly progress: ProgressTracker;
  readonly redactor: Redactor;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** These are undefined if the run ended before. */
  readonly target: RunTarget | undefined;
  readonly plan: Plan | undefined;
  readonly building: BuildingNote | undefined;
  readonly warn: (about: string, message: string) => void;
  readonly hint: (message: string) => void;
  /** Logs the end of the run. */
  readonly logEnd: (exitCode: number) => void;
}

const noUsage: HostUsage = { connections: 0, commands: 0 };

/**
 * Ends a run: writes the files for GitLab, notifies people, logs the end and writes the result to standard output. Returns the exit
 * code.
 */
export async function endRun(end: RunEnd, run: EndedRun): Promise<number> {
  const { options, progress, redactor, startedAt, target, warn, hint } = run;
  const { world, flags } = options;
  const { redact } = redactor;
  const { result } = end;
  if (result?.kind === 'serving') redactor.keep(result.urls);
  const error = end.error && redactError(end.error, redact);
  const took = world.now() - startedAt;
  const outcome = {
    result,
    error,
    skipped: end.skipped && redact(end.skipped),
    context: target?.context,
    services: run.plan?.services ?? [],
    steps: progress.results(),
    took,
    usage: target?.host?.usage() ?? noUsage,
  };
  const [failures, scripts] = [progress.failures(), progress.scripts()];
  const summaryWith = (exitCode: number) => buildSummary({ ...options, ...outcome, exitCode });
  const writeFiles = (exitCode: number) =>
    writeArtifacts(options, { summary: summaryWith(exitCode), failures, scripts, error });

  const errorExitCode = error?.exitCode ?? 0;
  const warnings = await writeFiles(errorExitCode);
  for (const { about, message } of warnings) warn(about, message);
  const { context, services, steps } = outcome;
  const finished = context && { context, result, error, at: startedAt + took, took, services };
  const wasAnnounced = await run.building?.settle();
  const notified =
    !finished || (await notifyAll({ run: finished, steps, world, redact, warn, hint, wasAnnounced }));
  const isIncomplete = warnings.length > 0 || !notified;
  const exitCode = errorExitCode === 0 && isIncomplete && flags.strict ? 1 : errorExitCode;
  // Already written, in case the notifications took too long; written again with the exit code of --strict.
  if (exitCode !== errorExitCode) await writeFiles(exitCode);
  run.logEnd(exitCode);
  if (flags.format === 'json') world.stdout.write(formatSummary(summaryWith(exitCode)));
  else if (result) world.stdout.write(formatResult(result));
  return exitCode;
}
