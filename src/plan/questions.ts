import type { Context } from '../context/context.ts';
import type { CommandName } from '../context/target.ts';
import {
  appReport,
  appRunning,
  appUrls,
  domainsReport,
  gitReport,
  runningBuilds,
  runningRevision,
} from '../dokku/apps.ts';
import { exportConfig } from '../dokku/config.ts';
import { configRefusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import {
  hasBuilds,
  readAppFolder,
  readBranchRevision,
  readConfigOrFail,
  readDeployBranch,
  readDeployedRevision,
  readSourceImage,
  readUrls,
} from '../dokku/reports.ts';
import { orderUrls } from '../dokku/urls.ts';
import { bareAppQuestions } from './bare-app-questions.ts';
import { appLinksQuestions } from './foreign-services.ts';
import { type HostState, isUnconfigured, readAppState } from './host-state.ts';
import { hostValueQuestions } from './host-values.ts';
import type { Question } from './question.ts';
import { formerNameQuestions, searchQuestions } from './search-questions.ts';
import { serviceQuestions } from './service-questions.ts';
import { settingQuestions } from './setting-questions.ts';

/**
 * Returns the questions that are still open, to be asked in parallel until none is left. One round is enough for an app
 * that has its marker and all its links. A first run and the run after a killed one need a second, and `review stop` more
 * if it has to search for the app.
 */
export function openQuestions(context: Context, hostState: HostState): Question[] {
  const { first, next } = questions[context.command];
  return hostState.app === undefined
    ? [appQuestion(context.app), ...first(context), ...hostValueQuestions(context)]
    : (next?.(context, hostState) ?? []);
}

/** What a command asks. */
interface CommandQuestions {
  /** In the first round, together with the configuration of the app. */
  readonly first: (context: Context) => Question[];
  /** In each later round, from what is known by then. */
  readonly next?: (context: Context, hostState: HostState) => Question[];
}

const questions: Readonly<Record<CommandName, CommandQuestions>> = {
  'review prepare': { first: prepareQuestions, next: reviewStartQuestions },
  'review start': { first: deployQuestions, next: reviewStartQuestions },
  'review stop': { first: formerNameQuestions, next: reviewStopQuestions },
  'review run': { first: formerNameQuestions, next: reviewStopQuestions },
  deploy: { first: deployQuestions, next: environmentQuestions },
  promote: { first: promoteQuestions },
  rollback: { first: deployQuestions },
  releases: { first: releaseQuestions },
  status: { first: statusQuestions },
  lock: { first: ({ app }) => [buildsQuestion(app)] },
  unlock: { first: () => [] },
};

function appQuestion(app: string): Question {
  const command = exportConfig(app);
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'answered')
        return { app: readAppState(app, readConfigOrFail(command, answer.stdout)) };
      if (classifyRefusal(answer) === 'missing') return { app: 'absent' };
      throw configRefusedError(app, command, answer);
    },
  };
}

/** What is asked about an app before anything is deployed to it. */
function deployQuestions({ app }: Context): Question[] {
  return [branchQuestion(app), revisionQuestion(app), buildsQuestion(app), domainsQuestion(app)];
}

/** What is asked about an app that is only prepared: whether it was deployed, or is being deployed, and its address if that matters. */
function prepareQuestions({ app, addressValues }: Context): Question[] {
  return [
    revisionQuestion(app),
    buildsQuestion(app),
    ...(addressValues.length > 0 ? [domainsQuestion(app)] : []),
  ];
}

function branchQuestion(app: string): Question {
  return {
    command: gitReport(app),
    read: (answer) =>
      answer.kind === 'answered'
        ? {
            deployBranch: readDeployBranch(answer.stdout),
            branchRevision: readBranchRevision(answer.stdout),
            sourceImage: readSourceImage(answer.stdout),
          }
        : { deployBranch: 'master' },
  };
}

function revisionQuestion(app: string): Question {
  return {
    command: appReport(app),
    read: (answer) =>
      answer.kind === 'answered'
        ? { revision: readDeployedRevision(answer.stdout), folder: readAppFolder(answer.stdout) }
        : {},
  };
}

function buildsQuestion(app: string): Question {
  return {
    command: runningBuilds(app),
    read: (answer) => (answer.kind === 'answered' ? { isBuilding: hasBuilds(answer.stdout) } : {}),
  };
}

function domainsQuestion(app: string): Question {
  return {
    command: domainsReport(app),
    read: (answer) =>
      answer.kind === 'answered' ? { domains: answer.stdout.split(/\s+/).filter((name) => name !== '') } : {},
  };
}

function reviewStartQuestions(context: Context, hostState: HostState): Question[] {
  const appQuestions = isUnknownBareApp(hostState)
    ? bareAppQuestions(context.app)
    : appLinksQuestions(context, hostState);
  return [...serviceQuestions(context, hostState), ...appQuestions, ...settingQuestions(context, hostState)];
}

function environmentQuestions(context: Context, hostState: HostState): Question[] {
  return [...serviceQuestions(context, hostState), ...settingQuestions(context, hostState)];
}

/** Whether the app has no configuration, so that its settings decide whose it is, and they have not been asked. */
function isUnknownBareApp({ app = 'absent', findings }: HostState): boolean {
  return app !== 'absent' && isUnconfigured(app) && findings === undefined;
}

function reviewStopQuestions(context: Context, hostState: HostState): Question[] {
  return isUnknownBareApp(hostState) ? bareAppQuestions(context.app) : searchQuestions(context, hostState);
}

/** What is asked about both apps of a promotion. */
function promoteQuestions(context: Context): Question[] {
  const from = context.promotion?.app;
  const asked = from === undefined ? [] : [appQuestion(from), revisionQuestion(from), buildsQuestion(from)];
  const fromQuestions = asked.map(
    ({ command, read }): Question => ({
      command,
      host: 'from',
      read: (answer) => ({ from: read(answer) }),
    }),
  );
  return [...deployQuestions(context), ...fromQuestions];
}

function releaseQuestions({ app }: Context): Question[] {
  return [revisionQuestion(app)];
}

function statusQuestions({ app }: Context): Question[] {
  return [
    revisionQuestion(app),
    urlsQuestion(app),
    runningQuestion(app),
    startedWithQuestion(app),
    buildsQuestion(app),
  ];
}

function urlsQuestion(app: string): Question {
  return {
    command: appUrls(app),
    read: (answer) => (answer.kind === 'answered' ? { urls: orderUrls(readUrls(answer.stdout)) } : {}),
  };
}

function runningQuestion(app: string): Question {
  return {
    command: appRunning(app),
    read: (answer) => (answer.kind === 'answered' ? { running: answer.stdout.trim() } : {}),
  };
}

/** An app that was never deployed answers, too, with nothing. */
function startedWithQuestion(app: string): Question {
  return {
    command: runningRevision(app),
    read: (answer) => {
      const revision = answer.kind === 'answered' ? answer.stdout.trim() : '';
      return /^[0-9a-f]{40}$/.test(revision) ? { startedWith: revision } : {};
    },
  };
}
