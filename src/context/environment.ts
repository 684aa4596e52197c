import type { JobInput } from '../environment/job-input.ts';
import { findNearest } from '../problems.ts';
import type { Flags } from './flags.ts';
import { matchesGlob } from './glob.ts';
import type { Resolver } from './resolver.ts';
import type { Configuration, EnvironmentBlock } from './schema.ts';
import type { CommandName, Target } from './target.ts';

/** Returns the environment of a run: the argument of `deploy`, else the job's. */
export function resolveEnvironment(
  target: Target['target'],
  flags: Flags,
  { variables }: JobInput,
): string | undefined {
  return (target === 'environment' ? flags.environment : undefined) ?? variables.CI_ENVIRONMENT_NAME;
}

/** For which run a block is chosen. */
export interface EnvironmentChoice {
  /** The command to name one with. */
  readonly command: CommandName | 'config diff';
  readonly environment: string | undefined;
  /** Whether the app is chosen without a block. */
  readonly hasApp: boolean;
}

/**
 * Returns the file's block for an environment: the one with its name, else the first whose pattern matches
 * (`production/*`). Adds a problem for an environment that the file leaves out although it declares others; `hasApp`:
 * the app is chosen without a block, which is enough for a run without an environment.
 */
export function findEnvironmentBlock(
  { environments = {} }: Configuration,
  { command, environment, hasApp }: EnvironmentChoice,
  { path, problems }: Resolver,
): EnvironmentBlock {
  const declared = Object.keys(environments);
  if (declared.length === 0 || (environment === undefined && hasApp)) return {};
  const key = environment === undefined ? undefined : chooseKey(declared, environment);
  if (key !== undefined) return environments[key] ?? {};
  const known = `Declared: ${declared.join(', ')}.`;
  if (environment === undefined) {
    problems.push({
      where: `${path}: environments`,
      message: 'the run has no environment, and the file declares some',
      remedy: `Name one: dokku-deploy ${command} ${declared[0]}. ${known}`,
    });
  } else {
    const near = findNearest(environment, declared);
    problems.push({
      where: `${path}: environments`,
      message: `${JSON.stringify(environment)} is not declared`,
      remedy: `${near ? `Did you mean ${near}? ` : ''}${known} A key with * declares several: review/*.`,
    });
  }
  return {};
}

function chooseKey(declared: readonly string[], environment: string): string | undefined {
  return declared.includes(environment)
    ? environment
    : declared.find((key) => key.includes('*') && matchesGlob(key, environment));
}
