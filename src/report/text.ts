import type { Emit, RunEvent, RunResult } from '../apply/events.ts';
import { formatErrorReference } from '../error-reference.ts';
import type { DeployError } from '../errors.ts';
import { formatDuration } from './duration.ts';
import { createHeldLines, type HeldLines } from './held-lines.ts';
import type { ProgressTracker, StepFailure, StepRecord } from './progress-tracker.ts';
import { sanitizeLine } from './sanitize.ts';

export interface TextLogOptions {
  /** The tracker of the run; each event is recorded there before it is logged. */
  readonly progress: Pick<ProgressTracker, 'results' | 'failures'>;
  readonly write: (text: string) => void;
  /** Collapsible sections, as GitLab's log folds them. */
  readonly sections: boolean;
  readonly colours: boolean;
}

type StepEndedEvent = RunEvent & { readonly kind: 'step-ended' };

/** A step that has started and is not yet completely logged. */
interface StepLog {
  readonly id: string;
  readonly title: string;
  readonly startedAt: number;
  readonly lines: HeldLines;
  ended: StepEndedEvent | undefined;
}

/**
 * Creates the text logger of a run. Parallel steps are logged one after the other. A step is logged when it has ended, so that
 * GitLab can collapse successful steps and leave failed ones open; only the deploy is logged live.
 */
export function createTextLogger(options: TextLogOptions): Emit {
  const queue: StepLog[] = [];
  let live: StepLog | undefined;
  const line = (text: string): void => options.write(`${text}\n`);

  const drain = (): void => {
    while (queue[0]?.ended && queue[0] !== live) {
      const step = queue.shift() as StepLog & { ended: StepEndedEvent };
      openSection(step, options, step.ended.outcome !== 'failed');
      for (const held of step.lines.take()) line(`    ${held}`);
      closeSection(step, step.ended, options);
    }
    const [next] = queue;
    if (next && !next.ended && /^(back-)?deploy$/.test(next.id) && live !== next) {
      live = next;
      openSection(next, options, false);
      for (const held of next.lines.take()) line(`    ${held}`);
    }
  };

  /** Scripts run in the deploy, which is live: a section in its section. */
  const startScript = ({ at, id, script }: RunEvent & { kind: 'script-started' }): void => {
    if (live?.id !== id) return;
    openSection({ id: scriptSection(id, script), title: `Script ${script}`, startedAt: at }, options, false);
  };

  const endScript = (event: RunEvent & { kind: 'script-ended' }): void => {
    const { at, id, script } = event;
    const row = `${script}: ${formatOutcome(event, options)}`;
    if (live?.id === id) {
      line(`    ${row}`);
      endSection(scriptSection(id, script), at, options);
    } else appendLine(id, row);
  };

  const appendLine = (id: string, text: string): void => {
    if (live?.id === id) line(`    ${text}`);
    else queue.find((step) => step.id === id)?.lines.push(text);
  };

  const end = (event: StepEndedEvent): void => {
    if (live?.id === event.id) {
      closeSection(live, event, options);
      queue.splice(queue.indexOf(live), 1);
      live = undefined;
      return;
    }
    const step = queue.find(({ id }) => id === event.id);
    if (step) step.ended = event;
  };

  const finish = (event: RunEvent & { kind: 'run-ended' }): void => {
    for (const row of formatStepTable(options.progress.results())) line(row);
    for (const row of otherFailures(options.progress.failures(), event.error)) line(row);
    if (event.error) for (const row of formatErrorLines(event.error, options)) line(row);
    const status =
      event.exitCode === 0 ? `${paint('Done', 32, options)} in` : `${paint('Failed', 31, options)} after`;
    line(
      `${status} ${formatDuration(event.took)}. ${toPlainLine(formatResultLine(event.result) ?? '')}`.trimEnd(),
    );
  };

  return (event) => {
    switch (event.kind) {
      case 'run-started':
        return line(
          paint(
            toPlainLine(
              `dokku-deploy ${event.version}: ${event.command}, app ${event.app}${event.host ? ` on ${event.host}` : ''}`,
            ),
            1,
            options,
          ),
        );
      case 'warned':
        return line(
          paint(`Warning: ${toPlainLine(event.about)}: ${toPlainLine(event.message)}`, 33, options),
        );
      case 'noted':
        return line(`Note: ${toPlainLine(event.message)}`);
      case 'planned':
        return undefined;
      case 'step-started':
        queue.push({
          id: event.id,
          title: event.title,
          startedAt: event.at,
          lines: createHeldLines(),
          ended: undefined,
        });
        return drain();
      case 'said':
        return appendLine(event.id, sanitizeLine(event.line, options));
      case 'script-started':
        return startScript(event);
      case 'script-ended':
        return endScript(event);
      case 'quoted':
        return quote(event, options);
      case 'waiting':
        return line(`    ... ${toPlainLine(event.message)}`);
      case 'step-ended':
        end(event);
        return drain();
      case 'run-ended':
        return finish(event);
    }
  };
}

type Section = Pick<StepLog, 'id' | 'title' | 'startedAt'>;

function openSection(step: Section, options: TextLogOptions, collapsed: boolean): void {
  const title = paint(toPlainLine(step.title), 1, options);
  const mark = `\u001b[0Ksection_start:${toUnixSeconds(step.startedAt)}:${step.id}${collapsed ? '[collapsed=true]' : ''}\r\u001b[0K`;
  options.write(`${options.sections ? mark : '==> '}${title}\n`);
}

function paint(text: string, code: number, { colours }: TextLogOptions): string {
  return colours ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** Turns a text into one line without colours or control characters, since it may contain a name that someone else chose. */
function toPlainLine(text: string): string {
  return sanitizeLine(text.replace(/[\r\n]+/g, ' '), { colours: false });
}

function toUnixSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}

const outcomeLabels: Readonly<Record<StepRecord['outcome'], readonly [string, number]>> = {
  done: ['done', 32],
  skipped: ['nothing to do', 36],
  failed: ['FAILED', 31],
  stopped: ['stopped', 33],
  'not-started': ['not started', 33],
};

function closeSection(step: StepLog, ended: StepEndedEvent, options: TextLogOptions): void {
  const note = ended.note && ended.outcome !== 'failed' ? `: ${toPlainLine(ended.note)}` : '';
  options.write(`    ${formatOutcome(ended, options)}${note}\n`);
  endSection(step.id, ended.at, options);
}

function scriptSection(id: string, script: string): string {
  return `${id}-${script}`;
}

function formatOutcome(
  { outcome, took }: Pick<StepEndedEvent, 'outcome' | 'took'>,
  options: TextLogOptions,
): string {
  const [label, code] = outcomeLabels[outcome];
  return `${paint(label, code, options)} in ${formatDuration(took)}`;
}

function endSection(id: string, at: number, { sections, write }: TextLogOptions): void {
  if (sections) write(`\u001b[0Ksection_end:${toUnixSeconds(at)}:${id}\r\u001b[0K\n`);
}

/** Logs lines in a section of their own, which GitLab folds. */
function quote({ at, id, title, lines }: RunEvent & { kind: 'quoted' }, options: TextLogOptions): void {
  openSection({ id, title, startedAt: at }, options, true);
  for (const line of lines) options.write(`    ${sanitizeLine(line, options)}\n`);
  endSection(id, at, options);
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
