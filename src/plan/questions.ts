import type { Context } from '../context/context.ts';
import { appDeployed, gitReport } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { notJsonError, refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfig, readDeployBranch } from '../dokku/reports.ts';
import { type HostState, isUnconfigured, readAppState } from './host-state.ts';
import type { Question } from './question.ts';
import { serviceQuestions } from './service-questions.ts';

/**
 * Returns the questions that are still open, to be asked in parallel until none is left. One round is enough for an app
 * that has its marker and all its links; only a first run, or the run after a killed one, needs a second.
 */
export function openQuestions(context: Context, hostState: HostState): Question[] {
  const { app } = hostState;
  if (app === undefined) return firstQuestions(context);
  const isBare = app !== 'absent' && isUnconfigured(app);
  const asksDeployed = context.target === 'review' && isBare && hostState.deployed === undefined;
  return [...serviceQuestions(context, hostState), ...(asksDeployed ? [deployedQuestion(context.app)] : [])];
}

function firstQuestions({ app, ships }: Context): Question[] {
  return ships ? [appQuestion(app), branchQuestion(app)] : [appQuestion(app)];
}

function appQuestion(app: string): Question {
  const command = exportConfig(app);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered')
        return { app: readAppState(app, readConfigOrFail(command, answer.stdout)) };
      if (classifyRefusal(answer) === 'missing') return { app: 'absent' };
      throw refusedError(command, answer);
    },
  };
}

function readConfigOrFail(command: Command, stdout: string): Map<string, string> {
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
