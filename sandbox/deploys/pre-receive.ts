import { recordSource } from '../host/deploy-source.ts';
import type { PreReceive, Push } from '../host/serve-git.ts';
import type { App, DeployOutcome } from '../host/state.ts';

export interface PreReceiveOptions {
  /** The properties of the host. */
  readonly global: App;
  /** Builds and deploys a commit. */
  readonly receive: (commit: string, push: Pick<Push, 'env' | 'out'>) => Promise<DeployOutcome>;
}

/**
 * Decides about a push as Dokku's hook does (`cmd-git-hook`), ref by ref. A branch or a tag that has the name of the deploy
 * branch is deployed. Without a deploy branch, the first other ref becomes it, and is deployed too. Any other is only stored.
 */
export function createPreReceive(app: App, { global, receive }: PreReceiveOptions): PreReceive {
  return async (push) => {
    const wanted = deployBranch() ?? 'master';
    for (const { ref, newId } of push.updates) {
      const name = ref.replace(/^refs\/(heads|tags)\//, '');
      if (name !== wanted && deployBranch() !== undefined) {
        push.out(warning(`WARNING: deploy did not complete, you must push to ${wanted}.`));
        push.out(warning(`for example, try 'git push <dokku> ${ref.replace('refs/heads/', '')}:${wanted}'`));
        continue;
      }
      if (name !== wanted) {
        push.out(warning(`Set ${name} as deploy-branch`));
        app.deployBranch = name;
      }
      const outcome = await receive(newId, push);
      if (outcome !== 'deployed') return outcome === 'killed' ? 'killed' : 'rejected';
      recordSource(app, 'git-push', newId);
    }
    return 'accepted';
  };

  function deployBranch(): string | undefined {
    return app.deployBranch ?? global.deployBranch;
  }
}

/** Dokku's hook clears the line in front of a warning. */
function warning(text: string): string {
  return `\u001b[1G\u001b[K-----> ${text}`;
}
