import type { RunEvent, StepOutcome } from '../apply/events.ts';

/** Something that a run is doing: a step, or reading the state of the host before there is a plan. */
export interface Activity {
  readonly id: string;
  readonly title: string;
  /** When it started, in milliseconds since the epoch. */
  readonly since: number;
  /** How far it is. */
  readonly detail?: string | undefined;
}

/** The end of a step, or that it never started; `took` is in milliseconds. */
export interface StepRecord {
  readonly id: string;
  readonly title: string;
  readonly outcome: StepOutcome | 'not-started';
  readonly took: number;
}

/** A step that failed, and why. */
export interface StepFailure {
  readonly title: string;
  readonly reason: string;
}

/** The end of a script that the host ran; `took` is in milliseconds. */
export interface ScriptRecord {
  readonly script: string;
  readonly outcome: StepOutcome;
  readonly took: number;
}

/** What a run is doing and has done, by its events. */
export interface ProgressTracker {
  readonly record: (event: RunEvent) => void;
  /** Notes how far a running step is; undefined: nothing is known any more. */
  readonly note: (id: string, detail: string | undefined) => void;
  /** Returns what is running, the longest first. */
  readonly running: () => readonly Activity[];
  /** Returns the steps that have ended, in that order, then those of the last plan that never started. */
  readonly results: () => readonly StepRecord[];
  /** Returns the failed steps whose reason is known, in the order in which they ended. */
  readonly failures: () => readonly StepFailure[];
  /** Returns the scripts of the app that have ended (migrations, for example), in that order. */
  readonly scripts: () => readonly ScriptRecord[];
}

type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>;

interface Progress {
  readonly running: Map<string, Activity>;
  readonly ended: EventOf<'step-ended'>[];
  /** Steps of the last plan that have not started, by id. */
  readonly planned: Map<string, StepRecord>;
  readonly scripts: ScriptRecord[];
}

/** Creates the tracker of one run. Everything that reports the run shares it. */
export function createProgressTracker(): ProgressTracker {
  const progress: Progress = { running: new Map(), ended: [], planned: new Map(), scripts: [] };
  return {
    record: (event) => recordEvent(progress, event),
    note: (id, detail) => {
      const activity = progress.running.get(id);
      if (activity) progress.running.set(id, { ...activity, detail });
    },
    running: () => [...progress.running.values()],
    results: () => [...progress.ended.map(toStepRecord), ...progress.planned.values()],
    failures: () => progress.ended.flatMap(toFailure),
    scripts: () => progress.scripts,
  };
}

function recordEvent({ running, ended, planned, scripts }: Progress, event: RunEvent): void {
  switch (event.kind) {
    case 'run-started':
      running.set('look', { id: 'look', title: 'Read the state of the host', since: event.at });
      break;
    case 'planned':
      running.clear();
      planned.clear();
      for (const { id, title } of event.steps)
        planned.set(id, { id, title, outcome: 'not-started', took: 0 });
      break;
    case 'step-started':
      planned.delete(event.id);
      running.set(event.id, { id: event.id, title: event.title, since: event.at });
      break;
    case 'script-ended':
      scripts.push({ script: event.script, outcome: event.outcome, took: event.took });
      break;
    case 'step-ended':
      running.delete(event.id);
      ended.push(event);
      break;
    case 'run-ended':
      running.clear();
      break;
  }
}

function toStepRecord({ id, title, outcome, took }: EventOf<'step-ended'>): StepRecord {
  return { id, title, outcome, took };
}

function toFailure({ outcome, title, note }: EventOf<'step-ended'>): StepFailure[] {
  return outcome === 'failed' && note !== undefined ? [{ title, reason: note }] : [];
}
