import { cancelBuild } from '../dokku/apps.ts';
import { sshLine } from '../dokku/command.ts';
import { readRefusal } from '../dokku/refusals.ts';
import type { Means } from './ask.ts';

/** What is known of a build on the host that is our own. It is cancelled on a stop; somebody else's never is. */
export interface OwnBuild extends Disposable {
  /** Takes a line that the host says of our push or rebuild. */
  readonly hear: (line: string) => void;
  /** Nothing is built for us any more. */
  readonly over: () => void;
  /** Waits some seconds for what the host says to the cancelling, if there was one. */
  readonly cancelled: () => Promise<void>;
}

// Dokku speaks so only once the app's lock is ours. Before that come git's progress, and warnings that begin with an escape.
const begun = /^-----> /;

/**
 * Watches for a build of our own. Told to stop between a push and the host's first word of it, it waits for that word:
 * whoever has the app's lock until then may be somebody else.
 */
export function ownBuild(app: string, means: Means & { readonly warn: (message: string) => void }): OwnBuild {
  const { stop, patience } = means;
  let runs = false;
  let cancelling: Promise<void> | undefined;
  const cancelIfDue = (): void => {
    if (runs && stop.aborted) cancelling ??= cancel(app, means);
  };
  stop.addEventListener('abort', cancelIfDue);
  return {
    hear: (line) => {
      if (!begun.test(line)) return;
      runs = true;
      cancelIfDue();
    },
    over: () => {
      runs = false;
    },
    cancelled: async () => {
      if (cancelling) await Promise.race([cancelling, patience(4_000)]);
    },
    [Symbol.dispose]: () => stop.removeEventListener('abort', cancelIfDue),
  };
}

async function cancel(
  app: string,
  { host, vault, warn }: Means & { warn: (message: string) => void },
): Promise<void> {
  const said = await host.ask({ line: sshLine(cancelBuild(app), vault) }).catch(() => undefined);
  if (said?.kind === 'answered') warn(`told to stop: the build of ${app} was cancelled on the host`);
  if (said?.kind === 'refused' && readRefusal(said) === 'unknown-command')
    warn(`told to stop: this Dokku cannot cancel builds, so that of ${app} runs on to its end`);
}
