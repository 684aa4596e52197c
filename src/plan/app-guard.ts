import type { Context } from '../context/context.ts';
import { destroyApp } from '../dokku/apps.ts';
import type { Command } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { readServiceUrl } from '../dokku/services.ts';
import { bareAppQuestions } from './bare-app-questions.ts';
import { isOwnEnvironmentApp } from './environment-owner.ts';
import { type AppState, readAppState } from './host-state.ts';
import { isInternalKey } from './keys.ts';
import { refuseLocked } from './lock.ts';
import { describeMarker, isOwnedBy } from './marker.ts';
import { describeOwner } from './owner.ts';
import type { Question } from './question.ts';
import { isOwnReviewApp } from './review-owner.ts';

/** Checks, while a plan is applied, whether the app is still the one that the plan is for. */
export interface AppGuard {
  readonly app: string;
  /** Reads the configuration of the app. */
  readonly command: Command;
  /** Whether an app with this configuration is the job's own. */
  readonly isOwn: (config: ReadonlyMap<string, string>) => boolean;
  /** Returns who else has marked the app, as the predicate of a sentence; undefined if it has no other owner. */
  readonly describeOtherOwner: (config: ReadonlyMap<string, string>) => string | undefined;
  /** Throws `locked` if someone has locked the app. */
  readonly refuseLocked: (config: ReadonlyMap<string, string>) => void;
  /** Whether it is an app that a push or another job has created since: it has no record of this tool's, and no link. */
  readonly isNew: (config: ReadonlyMap<string, string>) => boolean;
  /**
   * How to remove an app that this job's push has created: the questions that show whether it is empty, and the command.
   * Undefined for an environment, where nothing is ever removed.
   */
  readonly removal: { readonly questions: readonly Question[]; readonly destroy: Command } | undefined;
}

/** Returns the guard of a command that deploys; undefined for `review stop`. */
export function createAppGuard(context: Context): AppGuard | undefined {
  const { app, target, configures } = context;
  const isReview = target === 'review';
  if (isReview && !configures) return undefined;
  return {
    app,
    command: exportConfig(app),
    isOwn: (config) => (isReview ? isOwnReviewApp : isOwnEnvironmentApp)(context, readAppState(app, config)),
    describeOtherOwner: (config) => describeOtherOwner(context, readAppState(app, config)),
    refuseLocked: (config) => (isReview ? undefined : refuseLocked(context, config)),
    isNew: (config) => ![...config].some(([key, value]) => isInternalKey(key) || readServiceUrl(value)),
    removal: isReview ? { questions: bareAppQuestions(app), destroy: destroyApp(app) } : undefined,
  };
}

function describeOtherOwner(context: Context, app: AppState): string | undefined {
  if (app.owner && !isOwnEnvironmentApp(context, app)) return describeOwner(app.owner);
  return app.marker && !isOwnedBy(app.marker, context) ? describeMarker(app.marker) : undefined;
}
