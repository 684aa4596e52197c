import { appLocked, cancelBuild } from '../dokku/apps.ts';
import { buildSshLine } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { HostAccess } from './ask.ts';

/** Tracks whether the build running on the host is ours. A stop cancels our own build, never someone else's. */
export interface BuildWatcher extends Disposable {
  /** Receives each line that the host prints for our push or rebuild. */
  readonly onLine: OnLine;
  /** Call when our build has ended. */
  readonly end: () => void;
  /** Waits a few seconds for the answer to the cancellation, if one was sent. */
  readonly waitForCancel: () => Promise<void>;
}

// Dokku prints this only once we hold the app's lock. Git's progress, warnings that begin with an escape, and what prepares the
// branch for an image or a commit come earlier.
const buildStarted =
  /^-----> (?!(Generating build context|Pulling image|Force pulling image|Image exists on host|Cloning|Updating git repository))/;

/**
 * Watches for a build of our own. A stop between the push and the host's first build line waits for that line: until
 * then the app's lock may be held by someone else.
 */
export function watchBuild(
  app: string,
  hostAccess: HostAccess & { readonly warn: (message: string) => void },
): BuildWatcher {
  const { stop, sleepThroughStop } = hostAccess;
  let isBuilding = false;
  let cancellation: Promise<void> | undefined;
  const cancelIfDue = (): void => {
    if (isBuilding && stop.aborted) cancellation ??= cancelOnHost(app, hostAccess);
  };
  stop.addEventListener('abort', cancelIfDue);
  return {
    onLine: (line) => {
      if (!buildStarted.test(line)) return;
      isBuilding = true;
      cancelIfDue();
    },
    end: () => {
      isBuilding = false;
    },
    waitForCancel: async () => {
      if (cancellation) await Promise.race([cancellation, sleepThroughStop(4_000)]);
    },
    [Symbol.dispose]: () => stop.removeEventListener('abort', cancelIfDue),
  };
}

/** Every answer to `builds:cancel` is a success, also if nothing was cancelled: the lock shows whether the build has ended. */
async function cancelOnHost(
  app: string,
  hostAccess: HostAccess & { warn: (message: string) => void },
): Promise<void> {
  const { host, vault, warn } = hostAccess;
  const answer = await host.ask({ line: buildSshLine(cancelBuild(app), vault) }).catch(() => undefined);
  if (answer?.kind === 'refused' && classifyRefusal(answer) === 'unknown-command')
    warn(`stopped: this Dokku cannot cancel builds, so the build of ${app} continues on the host`);
  if (answer?.kind !== 'answered') return;
  if (await isReleased(app, hostAccess)) warn(`stopped: the build of ${app} was cancelled on the host`);
  else
    warn(
      `stopped: the build of ${app} could not be cancelled and continues on the host; to end it, run dokku builds:cancel ${app}, or dokku apps:unlock ${app}`,
    );
}

/** Milliseconds between two looks at the lock; it is released within a fraction of a second. */
const lockInterval = 250;
const maxLooks = 8;

async function isReleased(app: string, { host, vault, sleepThroughStop }: HostAccess): Promise<boolean> {
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const answer = await host.ask({ line: buildSshLine(appLocked(app), vault) }).catch(() => undefined);
    if (answer?.kind === 'refused') return true;
    await sleepThroughStop(lockInterval);
  }
  return false;
}
