import type { Context } from '../context/context.ts';
import { spoken } from '../dokku/command.ts';
import { readRefusal } from '../dokku/refusals.ts';
import { readConfig, readDeployBranch } from '../dokku/reports.ts';
import { serviceLabel } from '../dokku/services.ts';
import { DeployError } from '../errors.ts';
import { type Facts, openQuestions, type Question, seenApp } from '../plan/facts.ts';
import { askAll, type Fact, type Means, refused } from './ask.ts';
import { stopGrace, stopped, unlessAbandoned } from './stop.ts';

// A container that was never started: what a create leaves that failed half way.
const neverStarted = new Set(['', 'created', 'dead', 'missing']);

/** What the host said is not repeated: half of it may be the app's configuration. */
const notJson = (question: Question, cause: SyntaxError): DeployError =>
  new DeployError('host-refused', {
    message: `What the host answered to ${spoken(question.command)} is no JSON.`,
    remedy:
      'Check DOKKU_HOST and its user (dokku, unless the host was set up with another), and that no plugin on the host prints anything besides.',
    cause,
  });

const configOf = (question: Question, stdout: string): Record<string, string> => {
  try {
    return readConfig(stdout);
  } catch (error) {
    throw error instanceof SyntaxError ? notJson(question, error) : error;
  }
};

const readApp = (question: Question, fact: Fact): Facts => {
  if (fact.kind === 'answered') return { app: seenApp(configOf(question, fact.stdout)) };
  if (readRefusal(fact) === 'missing') return { app: 'absent' };
  throw refused(question.command, fact);
};

const readDeployed = (question: Question, fact: Fact): Facts => {
  if (fact.kind === 'answered') return { deployed: fact.stdout.trim() !== 'false' };
  if (readRefusal(fact) === 'missing') return { deployed: false };
  throw refused(question.command, fact);
};

/** The error for a service type that the host does not know. */
export const pluginMissing = (plugin: string, said: readonly string[]): DeployError =>
  new DeployError('plugin-missing', {
    message: `The host has no plugin for ${plugin}.`,
    said,
    remedy: `An operator installs it: dokku plugin:install https://github.com/dokku/dokku-${plugin}.git ${plugin}. Or take ${plugin} out of the services.`,
  });

const readService = (question: Question & { about: 'service' }, fact: Fact): Facts => {
  const label = serviceLabel(question.service);
  if (fact.kind === 'answered') {
    const status = question.command.words.includes('--status') ? fact.stdout.trim() : 'present';
    return { services: { [label]: neverStarted.has(status) ? 'missing' : status } };
  }
  const refusal = readRefusal(fact);
  if (refusal === 'missing') return { services: { [label]: 'absent' } };
  if (refusal === 'unknown-command') throw pluginMissing(question.service.plugin, [fact.stderr.trim()]);
  throw refused(question.command, fact);
};

const read = (question: Question, fact: Fact): Facts => {
  switch (question.about) {
    case 'app':
      return readApp(question, fact);
    case 'branch':
      return { deployBranch: fact.kind === 'answered' ? readDeployBranch(fact.stdout) : 'master' };
    case 'deployed':
      return readDeployed(question, fact);
    case 'service':
      return readService(question, fact);
  }
};

const merge = (facts: Facts, more: Facts): Facts => {
  const services = { ...facts.services, ...more.services };
  return { ...facts, ...more, ...(Object.keys(services).length > 0 ? { services } : {}) };
};

const lookUntilClear = async (context: Context, means: Means): Promise<Facts> => {
  let facts: Facts = {};
  for (;;) {
    const questions = openQuestions(context, facts);
    if (questions.length === 0) return facts;
    if (means.stop.aborted) throw stopped(means.stop);
    const commands = questions.map(({ command }) => command);
    const answers = await askAll(commands, means);
    facts = questions.map((question, index) => read(question, answers[index] as Fact)).reduce(merge, facts);
  }
};

/**
 * Asks the host all that the plan needs to know: each round's questions side by side, one round for an app that is
 * complete.
 *
 * Raises `host-refused`, `plugin-missing`, what `ask` raises, and soon after the word to stop the stop's error.
 */
export const observe = (context: Context, means: Means): Promise<Facts> =>
  unlessAbandoned(lookUntilClear(context, means), means, stopGrace.looking);
