import type { RunEvent } from '../apply/events.ts';

/** Something that goes on in a run; `since` is milliseconds since the epoch. */
export interface Activity {
  readonly id: string;
  readonly title: string;
  readonly since: number;
}

/** Keeps what goes on in a run, by its events: its steps and, before there is a plan, the look at the host. */
export interface ActivityTracker {
  readonly update: (event: RunEvent) => void;
  /** What goes on, what has gone on for the longest first. */
  readonly current: () => readonly Activity[];
}

/** Makes the book of a run. */
export function createActivityTracker(): ActivityTracker {
  const activities = new Map<string, Activity>();
  const begin = (id: string, title: string, since: number): void =>
    void activities.set(id, { id, title, since });
  return {
    update: (event) => {
      if (event.kind === 'run-started') begin('look', 'Look at the host', event.at);
      if (event.kind === 'planned' || event.kind === 'run-ended') activities.clear();
      if (event.kind === 'step-started') begin(event.id, event.title, event.at);
      if (event.kind === 'step-ended') activities.delete(event.id);
    },
    current: () => [...activities.values()],
  };
}
