import type { Context } from '../context/context.ts';
import type { Facts } from '../plan/facts.ts';
import { openQuestions } from '../plan/questions.ts';
import { askAll, type Means } from './ask.ts';
import { stopGrace, stopped, unlessAbandoned } from './stop.ts';

/**
 * Asks the host all that the plan needs to know: each round's questions side by side, one round for an app that is
 * complete.
 *
 * Raises `host-refused`, `plugin-missing`, what `ask` raises, and soon after the word to stop the stop's error.
 */
export function observe(context: Context, means: Means): Promise<Facts> {
  return unlessAbandoned(askUntilAnswered(context, means), means, stopGrace.looking);
}

async function askUntilAnswered(context: Context, means: Means): Promise<Facts> {
  let facts: Facts = {};
  for (;;) {
    const questions = openQuestions(context, facts);
    if (questions.length === 0) return facts;
    if (means.stop.aborted) throw stopped(means.stop);
    const answers = await askAll(
      questions.map(({ command }) => command),
      means,
    );
    facts = answers.map((answer, index) => questions[index]?.read(answer) ?? {}).reduce(merge, facts);
  }
}

function merge(facts: Facts, more: Facts): Facts {
  const services = { ...facts.services, ...more.services };
  return { ...facts, ...more, ...(Object.keys(services).length > 0 ? { services } : {}) };
}
