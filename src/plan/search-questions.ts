import type { Context } from '../context/context.ts';
import { listApps } from '../dokku/app-settings.ts';
import type { Answer } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readAppList, readConfig } from '../dokku/reports.ts';
import { type AppState, type HostState, isEmpty, isHalfRemoved, readAppState } from './host-state.ts';
import { isInternalKey } from './keys.ts';
import type { Question } from './question.ts';
import { isFoundReviewApp, isOwnReviewApp } from './review-owner.ts';

/** How many apps are looked at, so that a search on a big host ends: a host reads some 40 a second. */
const maxSearched = 400;

/** As many as a small host reads at once without taking longer for each (recorded: 50 apps in 1.25 s). */
const batchSize = 4;

/** Returns the questions about the names that earlier versions may have given to the ref's app. */
export function formerNameQuestions({ formerNames, isExact }: Context): Question[] {
  return isExact ? [] : formerNames.map(otherAppQuestion);
}

/**
 * Returns the next questions of the search for the ref's app by its marker, among all apps of the host: it may have been
 * created under a name that this job can't know. None if an app was found by name, or none is left to look at.
 */
export function searchQuestions(context: Context, hostState: HostState): Question[] {
  const { app, appNames, others = new Map<string, AppState>() } = hostState;
  if (context.isExact || app === undefined || isFoundByName(context, hostState)) return [];
  if (appNames === undefined) return [appNamesQuestion()];
  return unsearchedNames(context, hostState)
    .slice(0, Math.min(batchSize, maxSearched - others.size))
    .map(otherAppQuestion);
}

function isFoundByName(context: Context, hostState: HostState): boolean {
  const { app, others = new Map<string, AppState>() } = hostState;
  if (typeof app === 'object' && (isEmpty(app, hostState) || isHalfRemoved(app, hostState))) return true;
  return (
    isOwnReviewApp(context, app) ||
    [...others].some(([name, other]) => isFoundReviewApp(context, name, other))
  );
}

function appNamesQuestion(): Question {
  const command = listApps();
  return {
    command,
    read: (answer) => {
      if (answer.kind === 'refused') throw refusedError(command, answer);
      return { appNames: readAppList(answer.stdout) };
    },
  };
}

/** Returns the apps that have not been looked at. */
export function unsearchedNames(
  { app }: Pick<Context, 'app'>,
  { appNames = [], others }: HostState,
): string[] {
  return appNames.filter((name) => name !== app && others?.has(name) !== true);
}

function otherAppQuestion(name: string): Question {
  return {
    command: exportConfig(name),
    read: (answer) => ({ others: new Map([[name, readOtherApp(name, answer)]]) }),
  };
}

/** Keeps this tool's own records only: the rest is the configuration of someone else's app, which may be unreadable too. */
function readOtherApp(name: string, answer: Answer): AppState | 'absent' | 'unreadable' {
  if (answer.kind === 'refused') return classifyRefusal(answer) === 'missing' ? 'absent' : 'unreadable';
  const config = readConfig(answer.stdout);
  if (config === undefined) return 'unreadable';
  return readAppState(name, new Map([...config].filter(([key]) => isInternalKey(key))));
}
