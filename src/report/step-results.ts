import type { Event, StepOutcome } from '../apply/events.ts';

/** What has come of a step of the plan; `took` is in milliseconds. */
export interface StepEnd {
  readonly id: string;
  readonly title: string;
  readonly outcome: StepOutcome | 'not-started';
  readonly took: number;
}

/** Keeps what comes of a run's steps, by its events. */
export interface StepBook {
  readonly see: (event: Event) => void;
  /** The steps that have ended, in that order, and then those of the last plan that were never begun. */
  readonly ends: () => readonly StepEnd[];
}

/** Makes the book of a run. */
export function stepBook(): StepBook {
  const ended: StepEnd[] = [];
  const planned = new Map<string, StepEnd>();
  return {
    see: (event) => {
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
    ends: () => [...ended, ...planned.values()],
  };
}
