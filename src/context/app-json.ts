import type { Problem } from '../problems.ts';
import { readAddons } from './addons.ts';
import { type AppJsonSurroundings, remarkOnAppJson } from './app-json-remarks.ts';
import type { DeclaredVariable, Warning } from './context.ts';
import { readDeclaredEnv } from './declared-env.ts';
import { isRecord, type JsonDocument } from './json-document.ts';
import type { ServiceEntry } from './schema.ts';

/** What this tool reads from app.json; Dokku reads the rest. */
export interface AppJson {
  /** The services that `addons` lists. */
  readonly services: readonly ServiceEntry[];
  /** The variables that `env` declares. */
  readonly declaredEnv: readonly DeclaredVariable[];
  /** Whether `formation` sets the numbers of processes: Dokku then refuses `ps:scale`. */
  readonly hasFormation: boolean;
  /** The file with `environments.review` merged into it; undefined without that block, which Dokku doesn't know. */
  readonly reviewText: string | undefined;
}

/** What a project without app.json has. */
export const noAppJson: AppJson = {
  services: [],
  declaredEnv: [],
  hasFormation: false,
  reviewText: undefined,
};

/** The content of app.json, and what there is to report about it. */
export interface AppJsonResult extends AppJson {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads app.json; with `review`, `environments.review` is merged in. Whatever Dokku would refuse is a problem with its
 * line and column, since Dokku would report it only after the app and its services were created. What Dokku ignores is a warning.
 */
export function readAppJson(
  { path, value: content, positionOf }: JsonDocument,
  { review, ...surroundings }: AppJsonSurroundings & { readonly review: boolean },
): AppJsonResult {
  if (!isRecord(content)) {
    const problem = { where: positionOf(), message: 'not an object', remedy: shapeRemedy };
    return { ...noAppJson, problems: [problem], warnings: [] };
  }
  const merged = review ? mergeReview(content) : undefined;
  const { addons, env, scripts, ...rest } = merged ?? content;
  const { services, leftOut } = readAddons(addons);
  const declared = readDeclaredEnv(env, positionOf);
  return {
    services,
    declaredEnv: declared.variables,
    hasFormation: isRecord(rest.formation) && Object.keys(rest.formation).length > 0,
    reviewText: merged && `${JSON.stringify(merged, null, 2)}\n`,
    problems: [...checkShapes({ env, scripts, ...rest }, positionOf), ...declared.problems],
    warnings: [
      ...declared.warnings,
      ...(leftOut.length > 0 ? [leftOutWarning(path, leftOut)] : []),
      ...remarkOnAppJson(path, { scripts, ...rest }, surroundings),
      ...(review && isRecord(scripts) && scripts['pr-predestroy'] !== undefined
        ? [predestroyWarning(path)]
        : []),
      ...(merged ? [reviewWarning(path)] : []),
    ],
  };
}

const shapeRemedy = 'Fix the file: Dokku would refuse to deploy it.';

/** Merges as Heroku does: an environment's keys replace those of the top level; `env` is merged key by key. */
function mergeReview(content: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const { environments, ...top } = content;
  const review =
    isRecord(environments) && Object.hasOwn(environments, 'review') ? environments.review : undefined;
  if (!isRecord(review)) return undefined;
  const env = { ...(isRecord(top.env) ? top.env : {}), ...(isRecord(review.env) ? review.env : {}) };
  return { ...top, ...review, ...(Object.keys(env).length > 0 ? { env } : {}) };
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
