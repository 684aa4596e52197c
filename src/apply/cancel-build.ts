import { cancelBuild } from '../dokku/apps.ts';
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

// Dokku prints this only once we hold the app's lock. Git's progress, and warnings that begin with an escape, come earlier.
const buildStarted = /^-----> /;

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

async function cancelOnHost(
  app: string,
  { host, vault, warn }: HostAccess & { warn: (message: string) => void },
): Promise<void> {
  const reply = await host.ask({ line: buildSshLine(cancelBuild(app), vault) }).catch(() => undefined);
  if (reply?.kind === 'answered') warn(`stopped: the build of ${app} was cancelled on the host`);
  if (reply?.kind === 'refused' && classifyRefusal(reply) === 'unknown-command')
    warn(`stopped: this Dokku cannot cancel builds, so the build of ${app} continues on the host`);
}
