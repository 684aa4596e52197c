import type { Context } from '../context/context.ts';
import { configureStep } from './config-steps.ts';
import type { AppState, HostState } from './host-state.ts';
import { pendingKey } from './keys.ts';
import type { ConfigureStep } from './plan.ts';

/**
 * Returns the mark of a configuration that the app's processes don't have yet: because this run changes it, or because an
 * earlier one did and ended before its deploy. Undefined if they have it, and for an app that was never deployed.
 */
export function findPending(
  { source }: Context,
  { app = 'absent', revision }: HostState,
  isChanged: boolean,
): string | undefined {
  if (app === 'absent' || (revision === undefined && !app.config.has('GIT_REV'))) return undefined;
  // Any value will do. The commit tells two jobs apart, of which the first one must not remove the mark of the other.
  return isChanged ? (source.commit ?? 'changed') : app.config.get(pendingKey) || undefined;
}

export function pendingMark(pending: string | undefined): Readonly<Record<string, string>> {
  return pending === undefined ? {} : { [pendingKey]: pending };
}

/** Returns the step that writes the mark before anything is removed; none if the app has it. */
export function announceSteps(
  name: string,
  app: AppState | 'absent',
  pending: string | undefined,
): ConfigureStep[] {
  if (pending === undefined || app === 'absent' || app.config.get(pendingKey) === pending) return [];
  return [{ ...configureStep(name, pendingMark(pending), []), id: 'announce' }];
}
