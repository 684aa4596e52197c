import type { Problem } from '../problems.ts';
import { readAddons } from './addons.ts';
import { type AppJsonSurroundings, remarkOnAppJson } from './app-json-remarks.ts';
import type { DeclaredVariable, Warning } from './context.ts';
import { readDeclaredEnv } from './declared-env.ts';
import { isRecord, type JsonDocument } from './json-document.ts';
import { applyReviewProfile, type ReviewProfile } from './review-profile.ts';
import type { ServiceEntry } from './schema.ts';

/** What this tool reads from app.json; Dokku reads the rest. */
export interface AppJson {
  /** The services that `addons` lists. */
  readonly services: readonly ServiceEntry[];
  /** The variables that `env` declares. */
  readonly declaredEnv: readonly DeclaredVariable[];
  /** Whether `formation` sets the numbers of processes: Dokku then refuses `ps:scale`. */
  readonly hasFormation: boolean;
  /** The file as a review app gets it, with `environments.review` merged and its profile applied; undefined if it is the same. */
  readonly reviewText: string | undefined;
  /** What the log should mention about it. */
  readonly notes: readonly string[];
}

/** What a project without app.json has. */
export const noAppJson: AppJson = {
  services: [],
  declaredEnv: [],
  hasFormation: false,
  reviewText: undefined,
  notes: [],
};

/** Which app it is read for, and what else there is of the project. */
export interface AppJsonOptions extends AppJsonSurroundings {
  readonly review: boolean;
  /** Default: `preview`. */
  readonly profile?: ReviewProfile | undefined;
}

/** The content of app.json, and what there is to report about it. */
export interface AppJsonResult extends AppJson {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads app.json; with `review`, `environments.review` is merged in and the profile applied. Whatever Dokku would refuse is a
 * problem with its line and column, since Dokku would report it only after the app and its services were created. What Dokku
 * ignores is a warning.
 */
export function readAppJson(
  { path, value: content, positionOf }: JsonDocument,
  { review, profile = 'preview', ...surroundings }: AppJsonOptions,
): AppJsonResult {
  if (!isRecord(content)) {
    const problem = { where: positionOf(), message: 'not an object', remedy: shapeRemedy };
    return { ...noAppJson, problems: [problem], warnings: [] };
  }
  const own = review ? readReviewBlock(content) : undefined;
  const merged = own ? mergeReview(content, own) : content;
  const profiled = review
    ? applyReviewProfile(merged, { profile, ownKeys: Object.keys(own ?? {}) })
    : { content: merged, off: [] };
  const isChanged = own !== undefined || profiled.off.length > 0;
  const { addons, env, scripts, ...rest } = merged;
  const { services, leftOut } = readAddons(addons);
  const declared = readDeclaredEnv(env, positionOf);
  return {
    services,
    declaredEnv: declared.variables,
    hasFormation: isRecord(rest.formation) && Object.keys(rest.formation).length > 0,
    reviewText: isChanged ? `${JSON.stringify(profiled.content, null, 2)}\n` : undefined,
    notes: profiled.off.length > 0 ? [profileNote(path, profiled.off)] : [],
    problems: [...checkShapes({ env, scripts, ...rest }, positionOf), ...declared.problems],
    warnings: [
      ...declared.warnings,
      ...(leftOut.length > 0 ? [leftOutWarning(path, leftOut)] : []),
      ...remarkOnAppJson(path, { scripts, ...rest }, surroundings),
      ...(review && isRecord(scripts) && scripts['pr-predestroy'] !== undefined
        ? [predestroyWarning(path)]
        : []),
      ...(own ? [reviewWarning(path)] : []),
    ],
  };
}

const shapeRemedy = 'Fix the file: Dokku would refuse to deploy it.';

/** Returns `environments.review`, which Dokku doesn't know; undefined without it. */
function readReviewBlock({
  environments,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const review =
    isRecord(environments) && Object.hasOwn(environments, 'review') ? environments.review : undefined;
  return isRecord(review) ? review : undefined;
}

/** Merges as Heroku does: an environment's keys replace those of the top level; `env` is merged key by key. */
function mergeReview(
  content: Readonly<Record<string, unknown>>,
  review: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { environments, ...top } = content;
  const env = { ...(isRecord(top.env) ? top.env : {}), ...(isRecord(review.env) ? review.env : {}) };
  return { ...top, ...review, ...(Object.keys(env).length > 0 ? { env } : {}) };
}

function profileNote(path: string, off: readonly string[]): string {
  return `${path}: ${off.join(', ')} ${off.length === 1 ? 'is' : 'are'} off in a review app (review: {profile: full} turns everything on)`;
}

// The types that Dokku's own reader requires: plugins/app-json/appjson.go.
const objectKeys = ['env', 'formation', 'healthchecks', 'scripts'];

function checkShapes(
  content: Readonly<Record<string, unknown>>,
  positionOf: (key: string) => string,
): Problem[] {
  return objectKeys.flatMap((key) => {
    const value = Object.hasOwn(content, key) ? content[key] : undefined;
    if (value === undefined || value === null || isRecord(value)) return [];
    const remedy =
      key === 'formation' ? 'Write it as Dokku does: "formation": {"web": {"quantity": 1}}.' : shapeRemedy;
    return [
      { where: positionOf(key), message: `${key} is not an object, so Dokku would refuse the file`, remedy },
    ];
  });
}

function leftOutWarning(path: string, leftOut: readonly string[]): Warning {
  const message = `no service plugin provides these add-ons, so they are left out: ${leftOut.join(', ')}`;
  return { about: `${path}: addons`, message };
}

function predestroyWarning(path: string): Warning {
  const message = 'Dokku has no such script, so it does not run when the review app is removed';
  return { about: `${path}: scripts.pr-predestroy`, message };
}

function reviewWarning(path: string): Warning {
  return {
    about: path,
    message: 'environments.review is merged into the rest of the file for this review app',
  };
}
