import type { Emit, RunEvent, RunResult } from '../apply/events.ts';
import { formatErrorReference } from '../error-reference.ts';
import type { DeployError } from '../errors.ts';
import { formatDuration } from './duration.ts';
import { type LogFormat, outcomeLabels, paint, toPlainLine } from './log-format.ts';
import { writeQuote } from './log-section.ts';
import type { ProgressTracker, StepFailure, StepRecord } from './progress-tracker.ts';
import { sanitizeLine } from './sanitize.ts';
import { createStepLog } from './step-log.ts';

export interface TextLogOptions extends LogFormat {
  /** The tracker of the run; each event is recorded there before it is logged. */
  readonly progress: Pick<ProgressTracker, 'results' | 'failures'>;
}

/** Creates the text logger of a run. */
export function createTextLogger(options: TextLogOptions): Emit {
  const steps = createStepLog(options);
  const line = (text: string): void => options.write(`${text}\n`);
  return (event) => {
    switch (event.kind) {
      case 'run-started':
        return line(paint(formatStart(event), 1, options));
      case 'warned':
        return line(
          paint(`Warning: ${toPlainLine(event.about)}: ${toPlainLine(event.message)}`, 33, options),
        );
      case 'noted':
        return line(`Note: ${toPlainLine(event.message)}`);
      case 'planned':
        return undefined;
      case 'step-started':
        return steps.start(event);
      case 'said':
        return steps.append(event.id, sanitizeLine(event.line, options));
      case 'script-started':
        return steps.startScript(event);
      case 'script-ended':
        return steps.endScript(event);
      case 'quoted':
        return writeQuote(event, options);
      case 'waiting':
        return line(`    ... ${toPlainLine(event.message)}`);
      case 'step-ended':
        return steps.end(event);
      case 'run-ended':
        return formatEnd(event, options).forEach(line);
    }
  };
}

function formatStart({ version, command, app, host }: RunEvent & { kind: 'run-started' }): string {
  return toPlainLine(`dokku-deploy ${version}: ${command}, app ${app}${host ? ` on ${host}` : ''}`);
}

function formatEnd(
  { error, exitCode, took, result }: RunEvent & { kind: 'run-ended' },
  options: TextLogOptions,
): string[] {
  const status =
    exitCode === 0 ? `${paint('Done', 32, options)} in` : `${paint('Failed', 31, options)} after`;
  const summary =
    `${status} ${formatDuration(took)}. ${toPlainLine(formatResultLine(result) ?? '')}`.trimEnd();
  return [
    ...formatStepTable(options.progress.results()),
    ...otherFailures(options.progress.failures(), error),
    ...(error ? formatErrorLines(error, options) : []),
    summary,
  ];
}

function formatStepTable(steps: readonly StepRecord[]): string[] {
  const width = Math.max(...steps.map(({ title }) => title.length));
  return steps.map(({ title, outcome, took }) => {
    const time = outcome === 'not-started' ? '' : formatDuration(took);
    return `  ${toPlainLine(title).padEnd(width)}  ${outcomeLabels[outcome][0].padEnd(13)} ${time}`.trimEnd();
  });
}

/** Returns the reasons of failed steps other than the one that the run's error reports. */
function otherFailures(failures: readonly StepFailure[], error: DeployError | undefined): string[] {
  return failures
    .filter(({ reason }) => reason !== error?.message)
    .map(({ title, reason }) => `${toPlainLine(title)}: ${toPlainLine(reason)}`);
}

function formatErrorLines(error: DeployError, options: TextLogOptions): string[] {
  return [
    paint(`dokku-deploy: ${toPlainLine(error.message)}`, 31, options),
    ...error.said.map((line) => `  | ${sanitizeLine(line, options)}`),
    ...(error.remedy ? [`What to do: ${toPlainLine(error.remedy)}`] : []),
    formatErrorReference(error),
  ];
}

function formatResultLine(result: RunResult | undefined): string | undefined {
  if (result?.kind === 'removed') {
    const services = result.services.map((service) => service.replace(':', ' ')).join(', ');
    if (!result.wasThere) return 'The app did not exist.';
    return services ? `Removed the app and ${services}.` : 'Removed the app.';
  }
  if (result?.kind === 'prepared')
    return result.changed ? 'The app is ready to be deployed.' : 'There was nothing to prepare.';
  return result?.urls[0];
}
