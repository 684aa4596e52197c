import { DeployError } from '../errors.ts';

/**
 * How long work may continue after the stop signal, in milliseconds. A runner gives each process six seconds between
 * SIGTERM and SIGKILL, and ten in all; the rest of the six is for the report. Reading leaves nothing half done, so it
 * stops sooner.
 */
export const stopGracePeriod = { observing: 1_000, applying: 4_500 } as const;

/** Milliseconds within which our own signal follows one that ended our git: a runner takes up to six seconds per process. */
export const maxSignalDelay = 8_000;

interface StopAccess {
  readonly stop: AbortSignal;
  /** Resolves after so many milliseconds, even when the run is stopped. */
  readonly sleepThroughStop: (milliseconds: number) => Promise<void>;
}

/**
 * Waits for work on the host, but only briefly once the run is stopped: the host continues on its own, perhaps for
 * minutes, and the next run finds what it did. Throws the stop's error.
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

/** Returns the error of a stopped run. */
export function stopError(stop: AbortSignal): DeployError {
  return stop.reason === 'SIGINT'
    ? new DeployError('interrupted', {
        message: 'The run was interrupted.',
        remedy: 'Run it again: it continues from where it stopped.',
      })
    : new DeployError('terminated', {
        message: 'The run was stopped (the job was cancelled or timed out).',
        remedy: 'Run the job again: it continues from where it stopped.',
      });
}
