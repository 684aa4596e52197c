import type { RunEvent, StepOutcome } from '../apply/events.ts';

/** What has come of a step of the plan; `took` is in milliseconds. */
export interface StepRecord {
  readonly id: string;
  readonly title: string;
  readonly outcome: StepOutcome | 'not-started';
  readonly took: number;
}

/** Keeps what comes of a run's steps, by its events. */
export interface StepRecorder {
  readonly record: (event: RunEvent) => void;
  /** The steps that have ended, in that order, and then those of the last plan that were never begun. */
  readonly records: () => readonly StepRecord[];
}

/** Makes the book of a run. */
export function createStepRecorder(): StepRecorder {
  const ended: StepRecord[] = [];
  const planned = new Map<string, StepRecord>();
  return {
    record: (event) => {
      if (event.kind === 'planned') {
        planned.clear();
        for (const { id, title } of event.steps)
          planned.set(id, { id, title, outcome: 'not-started', took: 0 });
      }
      if (event.kind === 'step-started') planned.delete(event.id);
      if (event.kind === 'step-ended') {
        const { id, title, outcome, took } = event;
        ended.push({ id, title, outcome, took });
      }
    },
    records: () => [...ended, ...planned.values()],
  };
}
