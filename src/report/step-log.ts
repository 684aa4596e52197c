import type { RunEvent } from '../apply/events.ts';
import { createHeldLines, type HeldLines } from './held-lines.ts';
import { formatOutcome, type LogFormat, toPlainLine } from './log-format.ts';
import { endSection, openSection } from './log-section.ts';

type EventOf<Kind extends RunEvent['kind']> = RunEvent & { readonly kind: Kind };

/** Logs the steps of a run, each in a section of its own. */
export interface StepLog {
  readonly start: (event: EventOf<'step-started'>) => void;
  readonly end: (event: EventOf<'step-ended'>) => void;
  /** Logs a line of a step. */
  readonly append: (id: string, line: string) => void;
  readonly startScript: (event: EventOf<'script-started'>) => void;
  readonly endScript: (event: EventOf<'script-ended'>) => void;
}

/** A step that has started and is not yet completely logged. */
interface OpenStep {
  readonly id: string;
  readonly title: string;
  readonly startedAt: number;
  readonly lines: HeldLines;
  ended: EventOf<'step-ended'> | undefined;
}

/**
 * Creates the log of a run's steps. Parallel steps are logged one after the other. A step is logged when it has ended, so that GitLab
 * can collapse successful steps and leave failed ones open; only the deploy is logged live.
 */
export function createStepLog(format: LogFormat): StepLog {
  const queue: OpenStep[] = [];
  let live: OpenStep | undefined;

  const drain = (): void => {
    for (let next = queue[0]; next?.ended && next !== live; next = queue[0]) {
      queue.shift();
      open(next, next.ended.outcome !== 'failed', format);
      close(next.ended, format);
    }
    const [next] = queue;
    if (next && !next.ended && isDeploy(next) && live !== next) {
      live = next;
      open(next, false, format);
    }
  };

  const append = (id: string, text: string): void => {
    if (live?.id === id) writeLine(text, format);
    else queue.find((step) => step.id === id)?.lines.push(text);
  };

  return {
    start: ({ id, title, at }) => {
      queue.push({ id, title, startedAt: at, lines: createHeldLines(), ended: undefined });
      drain();
    },
    end: (event) => {
      const step = queue.find(({ id }) => id === event.id);
      if (step) step.ended = event;
      if (live?.id === event.id) {
        close(event, format);
        queue.splice(queue.indexOf(live), 1);
        live = undefined;
      }
      drain();
    },
    append,
    // Scripts run in the deploy, which is live: a section in its section.
    startScript: ({ at, id, script }) => {
      if (live?.id !== id) return;
      const section = { id: scriptSection(id, script), title: `Script ${script}`, startedAt: at };
      openSection({ ...section, isCollapsed: false }, format);
    },
    endScript: (event) => {
      const { at, id, script } = event;
      append(id, `${script}: ${formatOutcome(event, format)}`);
      if (live?.id === id) endSection(scriptSection(id, script), at, format);
    },
  };
}

function open(step: OpenStep, isCollapsed: boolean, format: LogFormat): void {
  openSection({ ...step, isCollapsed }, format);
  for (const line of step.lines.take()) writeLine(line, format);
}

function writeLine(text: string, { write }: LogFormat): void {
  write(`    ${text}\n`);
}

function close(ended: EventOf<'step-ended'>, format: LogFormat): void {
  const note = ended.note && ended.outcome !== 'failed' ? `: ${toPlainLine(ended.note)}` : '';
  writeLine(`${formatOutcome(ended, format)}${note}`, format);
  endSection(ended.id, ended.at, format);
}

function isDeploy({ id }: OpenStep): boolean {
  return /^(back-)?deploy$/.test(id);
}

function scriptSection(id: string, script: string): string {
  return `${id}-${script}`;
}
