import { cancelBuild } from '../dokku/apps.ts';
import { buildSshLine } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { HostAccess } from './ask.ts';

/** What is known of a build on the host that is our own. It is cancelled on a stop; somebody else's never is. */
export interface BuildWatcher extends Disposable {
  /** Takes a line that the host says of our push or rebuild. */
  readonly onLine: OnLine;
  /** Nothing is built for us any more. */
  readonly end: () => void;
  /** Waits some seconds for what the host says to the cancelling, if there was one. */
  readonly waitForCancel: () => Promise<void>;
}

// Dokku speaks so only once the app's lock is ours. Before that come git's progress, and warnings that begin with an escape.
const buildStarted = /^-----> /;

/**
 * Watches for a build of our own. Told to stop between a push and the host's first word of it, it waits for that word:
 * whoever has the app's lock until then may be somebody else.
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
  if (reply?.kind === 'answered') warn(`told to stop: the build of ${app} was cancelled on the host`);
  if (reply?.kind === 'refused' && classifyRefusal(reply) === 'unknown-command')
    warn(`told to stop: this Dokku cannot cancel builds, so that of ${app} runs on to its end`);
}
