import type { HostAccess } from '../apply/ask.ts';
import { observeHost } from '../apply/observe.ts';
import { checkOwner } from '../plan/environment-owner.ts';
import type { AppState, HostState } from '../plan/host-state.ts';
import { missingAppError } from '../plan/missing-app.ts';
import { createHostAccess, type RunContext, reportWarnings } from './run-context.ts';

/** What a command without a plan reads from the host. */
export interface Observation {
  readonly hostState: HostState;
  readonly hostAccess: HostAccess;
}

/** Logs the warnings about the job's input, and observes the host of a command without a plan. Throws what `observeHost` throws. */
export async function observe(run: RunContext): Promise<Observation> {
  const { context, host } = run;
  if (!host) throw new Error('a command without a plan needs a host');
  reportWarnings(run);
  const hostAccess = createHostAccess(run, host);
  return { hostState: await observeHost(context, hostAccess), hostAccess };
}

/**
 * Does the same for a command about an existing app, which only the project and the environment that own the app may use, even with
 * `--take-over`.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `observeHost` throws.
 */
export async function observeApp(run: RunContext): Promise<Observation & { readonly app: AppState }> {
  const { context } = run;
  const observation = await observe(run);
  const { app = 'absent' } = observation.hostState;
  if (app === 'absent') throw missingAppError(context);
  checkOwner({ ...context, takeOver: false }, app);
  return { ...observation, app };
}
