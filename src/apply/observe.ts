import type { Context } from '../context/context.ts';
import { type HostState, isInCreation, isUnconfigured } from '../plan/host-state.ts';
import type { Question } from '../plan/question.ts';
import { openQuestions } from '../plan/questions.ts';
import { type AskResult, ask, askAll, type HostAccess } from './ask.ts';
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

// An app that another job creates has no domain for a moment (a create takes about four seconds).
const maxCreation = 12;
const creationInterval = 1_000;

async function askUntilAnswered(context: Context, hostAccess: HostAccess): Promise<HostState> {
  let hasLookedAgain = false;
  for (let attempt = 1; ; attempt += 1) {
    const hostState = await askOpenQuestions(context, hostAccess);
    const isSettled = !isInCreation(hostState) || attempt === maxCreation;
    if (isSettled && (hasLookedAgain || !(hasForeignService(hostState) || wasChanged(hostState))))
      return hostState;
    hasLookedAgain ||= isSettled;
    if (!isSettled) await hostAccess.sleep(creationInterval);
  }
}

/**
 * Whether a service exists that the app does not name. Another job of the app may have named and created it since the
 * configuration was read, so a second look decides.
 */
function hasForeignService({ services }: HostState): boolean {
  return [...(services?.values() ?? [])].includes('present');
}

/**
 * Whether an app has settings although its configuration was empty a moment before. Another job of the app may have marked
 * it since, so a second look decides.
 */
function wasChanged({ app, findings = [] }: HostState): boolean {
  return typeof app === 'object' && isUnconfigured(app) && findings.some(({ kind }) => kind === 'set');
}

async function askOpenQuestions(context: Context, hostAccess: HostAccess): Promise<HostState> {
  let hostState: HostState = {};
  for (;;) {
    const questions = openQuestions(context, hostState);
    if (questions.length === 0) return hostState;
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
    const answers = await askEach(questions, hostAccess);
    hostState = answers
      .map((answer, index) => questions[index]?.read(answer) ?? {})
      .reduce(mergeHostState, hostState);
  }
}

/** Sends each question to its host. Throws only after all have ended, as `askAll` does. */
async function askEach(questions: readonly Question[], hostAccess: HostAccess): Promise<AskResult[]> {
  const { sourceHost } = hostAccess;
  if (sourceHost === undefined)
    return askAll(
      questions.map(({ command }) => command),
      hostAccess,
    );
  const ofSource = { ...hostAccess, host: sourceHost };
  const results = await Promise.allSettled(
    questions.map(({ command, host }) => ask(command, host === 'from' ? ofSource : hostAccess)),
  );
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function mergeHostState(hostState: HostState, addition: HostState): HostState {
  const services = new Map([...(hostState.services ?? []), ...(addition.services ?? [])]);
  const appLinks = new Map([...(hostState.appLinks ?? []), ...(addition.appLinks ?? [])]);
  const others = new Map([...(hostState.others ?? []), ...(addition.others ?? [])]);
  const settingAnswers = new Map([...(hostState.settingAnswers ?? []), ...(addition.settingAnswers ?? [])]);
  const findings = addition.findings && [...(hostState.findings ?? []), ...addition.findings];
  return {
    ...hostState,
    ...addition,
    ...(services.size > 0 ? { services } : {}),
    ...(appLinks.size > 0 ? { appLinks } : {}),
    ...(others.size > 0 ? { others } : {}),
    ...(settingAnswers.size > 0 ? { settingAnswers } : {}),
    ...(findings ? { findings } : {}),
    ...(addition.from ? { from: { ...hostState.from, ...addition.from } } : {}),
  };
}
