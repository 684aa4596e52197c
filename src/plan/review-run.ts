import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { HostState } from './host-state.ts';
import { describeForeignOwner, isFoundReviewApp, isOwnReviewApp } from './review-owner.ts';

/**
 * Returns the name of the ref's review app, which a command may run in: the one that this tool would name so now, or another one with
 * the ref's marker.
 *
 * Throws `app-not-ours` for an app that is not this project's review app of this branch, and `host-refused` if there is none.
 */
export function findReviewApp(context: Context, hostState: HostState): string {
  const { app = 'absent', others = new Map() } = hostState;
  if (isOwnReviewApp(context, app)) return context.app;
  const [found] = [...others].find(([name, other]) => isFoundReviewApp(context, name, other)) ?? [];
  if (found !== undefined) return found;
  if (app === 'absent') {
    throw new DeployError('host-refused', {
      message: `There is no review app of ${context.ref} on the host (${context.app}).`,
      remedy: 'Create it first: dokku-deploy review start. If it has another name, pass it with --app.',
    });
  }
  throw new DeployError('app-not-ours', {
    message: `No command is run in ${context.app}: it ${describeForeignOwner(context, app)}.`,
    remedy:
      'review run only runs commands in the review app of its own project and branch. If this branch has one under another name, pass it with --app.',
  });
}
