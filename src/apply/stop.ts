import { DeployError } from '../errors.ts';

/**
 * How long work may go on after the word to stop, in milliseconds. A runner leaves each process six seconds between its SIGTERM
 * and what comes then, and ten in all: what is left of the six is for the report. Only looking leaves nothing half done.
 */
export const stopGrace = { looking: 1_000, changing: 4_500 } as const;

/** Milliseconds in which our own signal comes after one that ended our git: a runner takes up to six seconds for each process. */
export const signalGap = 8_000;

interface StopAware {
  readonly stop: AbortSignal;
  /** Resolves after so many milliseconds, also when the run is told to stop. */
  readonly patience: (milliseconds: number) => Promise<void>;
}

/**
 * Waits for work on the host, but not for long once the run is told to stop: the host goes on by itself, for minutes maybe, and the
 * next run finds what it did. Raises the stop's error.
 */
export async function unlessAbandoned<Result>(
  work: Promise<Result>,
  { stop, patience }: StopAware,
  grace: number,
): Promise<Result> {
  const abandoned = Promise.withResolvers<never>();
  const onStop = (): void => void patience(grace).then(() => abandoned.reject(stopped(stop)));
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work, abandoned.promise]);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

/** The error of a run that was told to stop. */
export function stopped(stop: AbortSignal): DeployError {
  return stop.reason === 'SIGINT'
    ? new DeployError('interrupted', {
        message: 'The run was interrupted.',
        remedy: 'Run it again: it goes on from where it is.',
      })
    : new DeployError('terminated', {
        message: 'The run was told to stop (the job was cancelled or timed out).',
        remedy: 'Run the job again: it goes on from where it is.',
      });
}
