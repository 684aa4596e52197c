import type { Context } from '../context/context.ts';
import type { HostState } from '../plan/host-state.ts';
import { openQuestions } from '../plan/questions.ts';
import { askAll, type HostAccess } from './ask.ts';
import { raceWithStop, stopError, stopGracePeriod } from './stop.ts';

/**
 * Asks the host everything that the plan needs to know, each round's questions in parallel. One round is enough for an app
 * that is complete.
 *
 * Throws `host-refused`, `plugin-missing`, what `ask` throws, and the stop error soon after a stop signal.
 */
export function observeHost(context: Context, hostAccess: HostAccess): Promise<HostState> {
  return raceWithStop(askUntilAnswered(context, hostAccess), hostAccess, stopGracePeriod.observing);
}

async function askUntilAnswered(context: Context, hostAccess: HostAccess): Promise<HostState> {
  let hostState: HostState = {};
  for (;;) {
    const questions = openQuestions(context, hostState);
    if (questions.length === 0) return hostState;
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
    const answers = await askAll(
      questions.map(({ command }) => command),
      hostAccess,
    );
    hostState = answers
      .map((answer, index) => questions[index]?.read(answer) ?? {})
      .reduce(mergeHostState, hostState);
  }
}

function mergeHostState(hostState: HostState, addition: HostState): HostState {
  const services = new Map([...(hostState.services ?? []), ...(addition.services ?? [])]);
  return { ...hostState, ...addition, ...(services.size > 0 ? { services } : {}) };
}
