import type { Context } from '../context/context.ts';
import { appDeployed, gitReport } from '../dokku/apps.ts';
import type { Answer, Command } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { notJsonError, pluginMissingError, refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfig, readDeployBranch } from '../dokku/reports.ts';
import { type ServiceId, serviceExists, serviceLabel, serviceStatus } from '../dokku/services.ts';
import { type HostState, isLinked, isUnconfigured, ownsService, readAppState } from './host-state.ts';

/** A question for the host: the command that asks it, and the reader of its answer. */
export interface Question {
  readonly command: Command;
  /** Throws `host-refused` or `plugin-missing` for an answer that establishes nothing. */
  readonly read: (answer: Answer) => HostState;
}

/**
 * Returns the questions that are still open, to be asked in parallel until none is left. One round is enough for an app
 * that has its marker and all its links; only a first run, or the run after a killed one, needs a second.
 */
export function openQuestions(context: Context, hostState: HostState): Question[] {
  const { app, services } = hostState;
  if (app === undefined) return firstQuestions(context);
  const isBare = app !== 'absent' && isUnconfigured(app);
  const asksDeployed = context.target === 'review' && isBare && hostState.deployed === undefined;
  return [
    ...context.services
      .filter((service) => !isLinked(app, service) && services?.[serviceLabel(service)] === undefined)
      .map((service) => (ownsService(app, service) ? statusQuestion(service) : existsQuestion(service))),
    ...(asksDeployed ? [deployedQuestion(context.app)] : []),
  ];
}

function firstQuestions({ app, ships }: Context): Question[] {
  return ships ? [appQuestion(app), branchQuestion(app)] : [appQuestion(app)];
}

function appQuestion(app: string): Question {
  const command = exportConfig(app);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered') return { app: readAppState(readConfigOrFail(command, answer.stdout)) };
      if (classifyRefusal(answer) === 'missing') return { app: 'absent' };
      throw refusedError(command, answer);
    },
  };
}

function readConfigOrFail(command: Command, stdout: string): Record<string, string> {
  try {
    return readConfig(stdout);
  } catch (error) {
    throw error instanceof SyntaxError ? notJsonError(command, error) : error;
  }
}

function branchQuestion(app: string): Question {
  return {
    command: gitReport(app),
    read: (answer) => ({
      deployBranch: answer.kind === 'answered' ? readDeployBranch(answer.stdout) : 'master',
    }),
  };
}

function statusQuestion(service: ServiceId): Question {
  return serviceQuestion(service, serviceStatus(service), readContainerState);
}

function serviceQuestion(service: ServiceId, command: Command, read: (stdout: string) => string): Question {
  const label = serviceLabel(service);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered') return { services: { [label]: read(answer.stdout) } };
      const refusal = classifyRefusal(answer);
      if (refusal === 'missing') return { services: { [label]: 'absent' } };
      if (refusal === 'unknown-command') throw pluginMissingError(service.plugin, [answer.stderr.trim()]);
      throw refusedError(command, answer);
    },
  };
}

// The states of a container that was never started, as a create that failed half way leaves it.
const neverStarted = new Set(['', 'created', 'dead', 'missing']);

function readContainerState(stdout: string): string {
  const status = stdout.trim();
  return neverStarted.has(status) ? 'missing' : status;
}

function existsQuestion(service: ServiceId): Question {
  return serviceQuestion(service, serviceExists(service), () => 'present');
}

function deployedQuestion(app: string): Question {
  const command = appDeployed(app);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered') return { deployed: answer.stdout.trim() !== 'false' };
      if (classifyRefusal(answer) === 'missing') return { deployed: false };
      throw refusedError(command, answer);
    },
  };
}
