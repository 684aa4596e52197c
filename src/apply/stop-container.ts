import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns, type OneOffScript, readRuns, stopRun } from '../dokku/run.ts';
import { askOnce, type HostAccess } from './ask.ts';

/** What became of a container. `absent`: the host lists none of the run. `unknown`: the host did not answer. */
export type ContainerState = 'stopped' | 'absent' | 'unknown';

interface StopOptions {
  /** Returns the name of the container, once it is known. */
  readonly name?: () => string | undefined;
  /** Milliseconds until the search ends. */
  readonly time: number;
}

/**
 * Stops the container of a run, found by its nonce if its name is not known. It may not have been created yet, so it is looked for until
 * the time is over. Throws nothing: the run has failed already.
 */
export async function stopContainer(
  run: Pick<OneOffScript, 'app' | 'nonce'>,
  hostAccess: HostAccess,
  { name = () => undefined, time }: StopOptions,
): Promise<ContainerState> {
  let state: ContainerState = 'unknown';
  let isOver = false;
  const search = async (): Promise<void> => {
    while (!isOver) {
      const known = name();
      const names = known === undefined ? await findContainers(run, hostAccess) : [known];
      const stopped = await Promise.all((names ?? []).map((one) => stopNamed(one, hostAccess)));
      if (stopped.includes(true)) {
        state = 'stopped';
        return;
      }
      state = names?.length === 0 ? 'absent' : 'unknown';
      await sleep(500);
    }
  };
  await Promise.race([search(), hostAccess.sleepThroughStop(time)]);
  isOver = true;
  return state;
}

/** Returns the names of the containers of a run; undefined if the host does not answer. */
async function findContainers(
  { app, nonce }: Pick<OneOffScript, 'app' | 'nonce'>,
  hostAccess: HostAccess,
): Promise<readonly string[] | undefined> {
  const answer = await askOnce(listRuns(app), hostAccess).catch(() => undefined);
  return answer?.kind === 'answered' ? readRuns(answer.stdout, nonce) : undefined;
}

async function stopNamed(name: string, hostAccess: HostAccess): Promise<boolean> {
  const answer = await askOnce(stopRun(name), hostAccess).catch(() => undefined);
  return answer?.kind === 'answered';
}
