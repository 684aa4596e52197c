import { formatAddress } from '../access/host-address.ts';
import type { Emit, RunResult } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { mapStrings } from '../report/map-strings.ts';
import { createProgressTracker } from '../report/progress-tracker.ts';
import { redactError, redactEvent } from '../report/redact.ts';
import type { Secret } from '../secret.ts';
import type { Host, HostUsage } from '../ssh/host.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import { writeArtifacts } from './artifacts.ts';
import { announceBuild, type BuildingNote } from './building-note.ts';
import { notifyAll } from './notifications.ts';
import { createRedactor } from './redactor.ts';
import { formatResult } from './result.ts';
import type { RunFlags } from './run-flags.ts';
import { createRunLog } from './run-log.ts';
import { buildSummary, formatSummary } from './summary.ts';

/** The target of a run, known once its input is valid. */
interface RunTarget {
  readonly context: Context;
  readonly host: Host | undefined;
}

/**
 * Reports a run: logs its events and, at its end, writes the result and the files for GitLab, and notifies people.
 * Everything that it is given is redacted first.
 */
export interface Reporter extends Disposable {
  readonly setContext: (target: RunTarget) => void;
  /** Reports the start of the run. */
  readonly start: () => void;
  readonly emit: Emit;
  /** Shows how far a running step is, on a terminal. The text must hold no secrets. */
  readonly showProgress: (id: string, text: string | undefined) => void;
  readonly reportPlan: (plan: Plan) => void;
  readonly warn: (about: string, message: string) => void;
  /** Returns a promise that resolves when the log can take more output; undefined if it can at once. */
  readonly logReady: () => Promise<void> | undefined;
  /** Masks these, too. */
  readonly addSecrets: (secrets: Iterable<Secret>) => void;
  /** Masks the passwords in the app's configuration on the host, too. */
  readonly addAppConfig: (config: ReadonlyMap<string, string>) => void;
  /**
   * Writes a value to standard output: with `--format json` as JSON, else as `formatText` has it. Its strings are redacted before it is
   * formatted, except for the texts in `kept`.
   */
  readonly print: <Value>(
    value: Value,
    formatText: (value: Value) => string,
    kept?: readonly string[],
  ) => void;
  /** These end the run and return its exit code. `refuse` ends a run that only prints: it writes no files and notifies no one. */
  readonly finish: (result: RunResult) => Promise<number>;
  /** Ends a run that has nothing to do, for the reason given. */
  readonly skip: (reason: string) => Promise<number>;
  readonly fail: (error: DeployError) => Promise<number>;
  readonly refuse: (error: DeployError) => number;
}

interface ReporterOptions {
  readonly world: World;
  readonly flags: RunFlags;
  readonly jobInput: JobInput;
  readonly command: CommandName;
}

/** How a run ended. */
interface RunEnd {
  readonly result: RunResult | undefined;
  readonly error: DeployError | undefined;
  /** Why there was nothing to do. */
  readonly skipped?: string;
}

const noUsage: HostUsage = { connections: 0, commands: 0 };

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
  const emitEnd = ({ result, error }: RunEnd, exitCode: number): void => {
    const at = world.now();
    emit({ kind: 'run-ended', at, took: at - startedAt, exitCode, result, error });
  };

  const end = async (runEnd: RunEnd): Promise<number> => {
    const { result } = runEnd;
    if (result?.kind === 'serving') redactor.keep(result.urls);
    const skipped = runEnd.skipped && redactor.redact(runEnd.skipped);
    const error = runEnd.error && redactError(runEnd.error, redactor.redact);
    const errorExitCode = error?.exitCode ?? 0;
    const steps = progress.results();
    const took = world.now() - startedAt;
    const services = plan?.services ?? [];
    const used = target?.host?.usage() ?? noUsage;
    const context = target?.context;
    const summaryWith = (exitCode: number) =>
      buildSummary({
        ...options,
        context,
        skipped,
        result,
        error,
        exitCode,
        services,
        steps,
        took,
        usage: used,
      });
    const failures = progress.failures();
    const scripts = progress.scripts();
    const writeFiles = (exitCode: number) =>
      writeArtifacts(options, { summary: summaryWith(exitCode), failures, scripts, error });

    const warnings = await writeFiles(errorExitCode);
    for (const { about, message } of warnings) warn(about, message);
    const run = context && { context, result, error, at: startedAt + took, took, services };
    const { redact } = redactor;
    const wasAnnounced = await building?.settle();
    const notified = !run || (await notifyAll({ run, steps, world, redact, warn, hint, wasAnnounced }));
    const exitCode =
      errorExitCode === 0 && (warnings.length > 0 || !notified) && flags.strict ? 1 : errorExitCode;
    // Already written, in case the notifications took too long; written again with the exit code of --strict.
    if (exitCode !== errorExitCode) await writeFiles(exitCode);
    emitEnd(runEnd, exitCode);
    if (flags.format === 'json') world.stdout.write(formatSummary(summaryWith(exitCode)));
    else if (result) world.stdout.write(formatResult(result));
    return exitCode;
  };

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
      emitEnd({ result: undefined, error }, error.exitCode);
      return error.exitCode;
    },
    [Symbol.dispose]: log[Symbol.dispose],
  };
}

function formatJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
