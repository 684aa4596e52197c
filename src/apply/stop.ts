import { DeployError } from '../errors.ts';

/**
 * How long work may go on after the word to stop, in milliseconds. A runner leaves each process six seconds between its SIGTERM
 * and what comes then, and ten in all: what is left of the six is for the report. Only looking leaves nothing half done.
 */
export const stopGracePeriod = { observing: 1_000, applying: 4_500 } as const;

/** Milliseconds in which our own signal comes after one that ended our git: a runner takes up to six seconds for each process. */
export const maxSignalDelay = 8_000;

interface StopAccess {
  readonly stop: AbortSignal;
  /** Resolves after so many milliseconds, also when the run is told to stop. */
  readonly sleepThroughStop: (milliseconds: number) => Promise<void>;
}

/**
 * Waits for work on the host, but not for long once the run is told to stop: the host goes on by itself, for minutes maybe, and the
 * next run finds what it did. Raises the stop's error.
 */
export async function raceWithStop<Result>(
  work: Promise<Result>,
  { stop, sleepThroughStop }: StopAccess,
  gracePeriod: number,
): Promise<Result> {
  const abandoned = Promise.withResolvers<never>();
  const onStop = (): void => void sleepThroughStop(gracePeriod).then(() => abandoned.reject(stopError(stop)));
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work, abandoned.promise]);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

/** The error of a run that was told to stop. */
export function stopError(stop: AbortSignal): DeployError {
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
