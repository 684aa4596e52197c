import type { Context } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { checkOwner } from './environment-owner.ts';
import type { HostState } from './host-state.ts';
import { missingAppError } from './missing-app.ts';
import { describeForeignOwner } from './review-owner.ts';
import { planSettings } from './setting-steps.ts';

/** One difference between what an app has and what is declared. */
export interface Drift {
  readonly key: string;
  readonly title: string;
  /** What the app has, for people. */
  readonly before: string;
  /** What is declared. */
  readonly after: string;
  /** Whether it was applied as declared before, so that someone has changed it since; else the next deploy applies it. */
  readonly wasApplied: boolean;
}

/**
 * Returns every difference between the settings of an app and the declared ones.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `planSettings` throws.
 */
export function findDrift(context: Context, hostState: HostState): readonly Drift[] {
  const { app = 'absent' } = hostState;
  if (app === 'absent') throw missingAppError(context);
  if (context.target === 'environment') checkOwner({ ...context, takeOver: false }, app);
  const reason = context.target === 'review' ? describeForeignOwner(context, app) : undefined;
  if (reason !== undefined) {
    throw new DeployError('app-not-ours', {
      message: `The app ${context.app} exists on the host and ${reason}.`,
      remedy: 'Name the app of this branch (--app), or omit --check-drift.',
    });
  }
  const { changes, drift } = planSettings({ ...context, drift: 'keep' }, hostState);
  // What a change writes again is no difference of its own.
  const differing = [...drift, ...changes].filter(({ isAgain }) => !isAgain);
  return differing.map(({ of, title, before, after }) => ({
    key: of.setting.key,
    title,
    before,
    after,
    wasApplied: of.isRecorded,
  }));
}
