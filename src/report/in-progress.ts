import type { Event } from '../apply/events.ts';

/** Something that goes on in a run; `since` is milliseconds since the epoch. */
export interface Doing {
  readonly id: string;
  readonly title: string;
  readonly since: number;
}

/** Keeps what goes on in a run, by its events: its steps and, before there is a plan, the look at the host. */
export interface DoingBook {
  readonly see: (event: Event) => void;
  /** What goes on, what has gone on for the longest first. */
  readonly now: () => readonly Doing[];
}

/** Makes the book of a run. */
export function doingBook(): DoingBook {
  const doing = new Map<string, Doing>();
  const begin = (id: string, title: string, since: number): void => void doing.set(id, { id, title, since });
  return {
    see: (event) => {
      if (event.kind === 'run-started') begin('look', 'Look at the host', event.at);
      if (event.kind === 'planned' || event.kind === 'run-ended') doing.clear();
      if (event.kind === 'step-started') begin(event.id, event.title, event.at);
      if (event.kind === 'step-ended') doing.delete(event.id);
    },
    now: () => [...doing.values()],
  };
}
