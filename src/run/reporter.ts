import { formatAddress } from '../access/host-address.ts';
import type { Emit, RunResult } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { createProgressTracker } from '../report/progress-tracker.ts';
import type { Host, HostUsage } from '../ssh/host.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import { writeArtifacts } from './artifacts.ts';
import { notifyAll } from './notifications.ts';
import { createOutput } from './output.ts';
import { formatResult } from './result.ts';
import type { RunFlags } from './run-flags.ts';
import { buildSummary, formatSummary } from './summary.ts';

/** The target of a run, known once its input is valid. */
interface RunTarget {
  readonly context: Context;
  readonly host: Host | undefined;
}

/** Reports a run: logs its events and, at its end, writes the result, the dotenv report and the summary, and notifies people. */
export interface Reporter extends Disposable {
  readonly setContext: (target: RunTarget) => void;
  /** Reports the start of the run. */
  readonly start: () => void;
  readonly emit: Emit;
  readonly reportPlan: (plan: Plan) => void;
  readonly warn: (about: string, message: string) => void;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** These end the run and return its exit code. `refuse` ends a dry run: it writes no files and notifies no one. */
  readonly finish: (result: RunResult) => Promise<number>;
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
}

const noUsage: HostUsage = { connections: 0, commands: 0 };

/** Creates the reporter of a run. */
export function createReporter(options: ReporterOptions): Reporter {
  const { world, flags } = options;
  const progress = createProgressTracker();
  const output = createOutput({ ...options, progress });
  const startedAt = world.now();
  let target: RunTarget | undefined;
  let plan: Plan | undefined;

  const emit: Emit = (event) => {
    progress.record(event);
    output.emit(event);
  };
  const warn = (about: string, message: string): void =>
    emit({ kind: 'warned', at: world.now(), about, message });
  const hint = (message: string): void => emit({ kind: 'noted', at: world.now(), message });
  const emitEnd = ({ result, error }: RunEnd, exitCode: number): void => {
    const at = world.now();
    emit({ kind: 'run-ended', at, took: at - startedAt, exitCode, result, error });
  };

  const end = async ({ result, error }: RunEnd): Promise<number> => {
    const errorExitCode = error?.exitCode ?? 0;
    const steps = progress.results();
    const took = world.now() - startedAt;
    const services = plan?.services ?? [];
    const used = target?.host?.usage() ?? noUsage;
    const context = target?.context;
    const summaryWith = (exitCode: number) =>
      buildSummary({ ...options, context, result, error, exitCode, services, steps, took, usage: used });
    const writeFiles = (exitCode: number) =>
      writeArtifacts({ ...options, mask: output.mask }, summaryWith(exitCode));

    const warnings = await writeFiles(errorExitCode);
    for (const { about, message } of warnings) warn(about, message);
    const run = context && { context, result, error, at: startedAt + took, took, services };
    const notified = !run || (await notifyAll({ run, steps, world, mask: output.mask, warn, hint }));
    const exitCode =
      errorExitCode === 0 && (warnings.length > 0 || !notified) && flags.strict ? 1 : errorExitCode;
    // Already written, in case the notifications took too long; written again with the exit code of --strict.
    if (exitCode !== errorExitCode) await writeFiles(exitCode);
    emitEnd({ result, error }, exitCode);
    if (flags.format === 'json') output.print(formatSummary(summaryWith(exitCode)));
    else if (result) output.print(formatResult(result));
    return exitCode;
  };

  return {
    setContext: (newTarget) => {
      target = newTarget;
      output.maskContext(newTarget.context);
    },
    start: () => {
      if (!target) throw new Error('a run without a target cannot start');
      const { access, command, app } = target.context;
      const host = access && formatAddress(access.address);
      emit({ kind: 'run-started', at: startedAt, command, version, app, host });
    },
    emit,
    warn,
    reportPlan: (newPlan) => {
      plan = newPlan;
      const steps = newPlan.steps.map(({ id, title }) => ({ id, title }));
      emit({ kind: 'planned', at: world.now(), steps });
      for (const message of newPlan.notes) hint(message);
    },
    print: output.print,
    finish: (result) => end({ result, error: undefined }),
    fail: (error) => end({ result: undefined, error }),
    refuse: (error) => {
      emitEnd({ result: undefined, error }, error.exitCode);
      return error.exitCode;
    },
    [Symbol.dispose]: output[Symbol.dispose],
  };
}
