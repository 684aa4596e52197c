import type { Event, Result, Tell } from '../apply/events.ts';
import type { DeployError } from '../errors.ts';
import { duration } from './durations.ts';
import { hostLine } from './host-line.ts';
import { type StepEnd, stepBook } from './step-results.ts';

export interface TextReport {
  readonly write: (text: string) => void;
  /** Collapsible sections, as GitLab's log folds them. */
  readonly sections: boolean;
  readonly colours: boolean;
}

type Ended = Event & { readonly kind: 'step-ended' };

/** What is known of a step that has started and was not yet told whole. */
interface Told {
  readonly id: string;
  readonly title: string;
  readonly startedAt: number;
  readonly lines: string[];
  ended: Ended | undefined;
}

/**
 * Tells a run to people, on standard error. Steps that run side by side are told one after the other; a short one is
 * told when it has ended, so that GitLab folds what went well and leaves open what failed. The deploy is told live.
 */
export function textReport(report: TextReport): Tell {
  const queue: Told[] = [];
  const book = stepBook();
  const ended: Ended[] = [];
  let live: Told | undefined;
  const line = (text: string): void => report.write(`${text}\n`);

  const drain = (): void => {
    while (queue[0]?.ended && queue[0] !== live) {
      const told = queue.shift() as Told & { ended: Ended };
      open(told, report, told.ended.outcome !== 'failed');
      for (const said of told.lines) line(`    ${said}`);
      close(told, told.ended, report);
    }
    const [next] = queue;
    if (next && !next.ended && next.id === 'deploy' && live !== next) {
      live = next;
      open(next, report, false);
      for (const said of next.lines.splice(0)) line(`    ${said}`);
    }
  };

  const say = (id: string, text: string): void => {
    if (live?.id === id) line(`    ${text}`);
    else queue.find((told) => told.id === id)?.lines.push(text);
  };

  const end = (event: Ended): void => {
    ended.push(event);
    if (live?.id === event.id) {
      close(live, event, report);
      queue.splice(queue.indexOf(live), 1);
      live = undefined;
      return;
    }
    const told = queue.find(({ id }) => id === event.id);
    if (told) told.ended = event;
  };

  const finish = (event: Event & { kind: 'run-ended' }): void => {
    for (const row of table(book.ends())) line(row);
    for (const row of otherFailures(ended, event.error)) line(row);
    if (event.error) for (const row of errorLines(event.error, report)) line(row);
    const how = event.exitCode === 0 ? paint('Done', 32, report) : paint('Not done', 31, report);
    line(`${how} in ${duration(event.took)}. ${still(resultLine(event.result) ?? '')}`.trimEnd());
  };

  return (event) => {
    book.see(event);
    switch (event.kind) {
      case 'run-started':
        return line(
          paint(
            still(
              `dokku-deploy ${event.version}: ${event.command}, app ${event.app}${event.host ? ` on ${event.host}` : ''}`,
            ),
            1,
            report,
          ),
        );
      case 'warned':
        return line(paint(`Warning: ${still(event.about)}: ${still(event.message)}`, 33, report));
      case 'noted':
        return line(`Note: ${still(event.message)}`);
      case 'planned':
        return undefined;
      case 'step-started':
        queue.push({ id: event.id, title: event.title, startedAt: event.at, lines: [], ended: undefined });
        return drain();
      case 'said':
        return say(event.id, hostLine(event.line, report));
      case 'waiting':
        return line(`    ... ${still(event.message)}`);
      case 'step-ended':
        end(event);
        return drain();
      case 'run-ended':
        return finish(event);
    }
  };
}

function open(told: Told, report: TextReport, collapsed: boolean): void {
  const title = paint(still(told.title), 1, report);
  const mark = `\u001b[0Ksection_start:${unix(told.startedAt)}:${told.id}${collapsed ? '[collapsed=true]' : ''}\r\u001b[0K`;
  report.write(`${report.sections ? mark : '==> '}${title}\n`);
}

function paint(text: string, code: number, { colours }: TextReport): string {
  return colours ? `\u001b[${code}m${text}\u001b[0m` : text;
}

/** Words of ours in one still line: they may hold a name that somebody else gave. */
function still(words: string): string {
  return hostLine(words.replace(/[\r\n]+/g, ' '), { colours: false });
}

function unix(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}

const marks: Readonly<Record<StepEnd['outcome'], readonly [string, number]>> = {
  done: ['done', 32],
  skipped: ['nothing to do', 36],
  failed: ['FAILED', 31],
  stopped: ['stopped', 33],
  'not-started': ['not started', 33],
};

function close(told: Told, ended: Ended, report: TextReport): void {
  const [word, code] = marks[ended.outcome];
  const note = ended.note && ended.outcome !== 'failed' ? `: ${still(ended.note)}` : '';
  report.write(`    ${paint(word, code, report)} in ${duration(ended.took)}${note}\n`);
  if (report.sections) report.write(`\u001b[0Ksection_end:${unix(ended.at)}:${told.id}\r\u001b[0K\n`);
}

function table(steps: readonly StepEnd[]): string[] {
  const width = Math.max(...steps.map(({ title }) => title.length));
  return steps.map(({ title, outcome, took }) => {
    const time = outcome === 'not-started' ? '' : duration(took);
    return `  ${still(title).padEnd(width)}  ${marks[outcome][0].padEnd(13)} ${time}`.trimEnd();
  });
}

/** Why steps failed beside the one that the run's error is of. */
function otherFailures(steps: readonly Ended[], error: DeployError | undefined): string[] {
  return steps.flatMap(({ outcome, title, note }) =>
    outcome === 'failed' && note !== undefined && note !== error?.message
      ? [`${still(title)}: ${still(note)}`]
      : [],
  );
}

function errorLines(error: DeployError, report: TextReport): string[] {
  return [
    paint(`dokku-deploy: ${still(error.message)}`, 31, report),
    ...error.said.map((line) => `  | ${hostLine(line, report)}`),
    ...(error.remedy ? [`What to do: ${still(error.remedy)}`] : []),
    `(exit ${error.exitCode}, ${error.code}: see docs/errors.md of dokku-deploy)`,
  ];
}

function resultLine(result: Result | undefined): string | undefined {
  if (result?.kind === 'removed') {
    const services = result.services.map((service) => service.replace(':', ' ')).join(', ');
    if (!result.wasThere) return 'The app was gone already.';
    return services ? `The app is gone, and with it ${services}.` : 'The app is gone.';
  }
  return result?.urls[0];
}
