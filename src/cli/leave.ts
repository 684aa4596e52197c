import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Verb, Warning } from '../context/context.ts';
import type { Given } from '../environment/given.ts';
import type { DeployError } from '../errors.ts';
import { dotenv } from '../report/dotenv.ts';
import { version } from '../version.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './flags.ts';
import { type RunFacts, showFacts } from './show-result.ts';

interface Leaving {
  readonly world: World;
  readonly flags: RunFlags;
}

const dotenvOf = ({ app, environment, commit, exitCode, result }: RunFacts): string =>
  dotenv({
    app,
    environment,
    commit,
    exitCode,
    url: result?.kind === 'serving' ? result.urls[0] : undefined,
  });

/** Writes what a run leaves for later jobs, its dotenv report and its facts, and says of each file why it could not be written. */
export const leaveFiles = async ({ world, flags }: Leaving, facts: RunFacts): Promise<Warning[]> => {
  const files = [
    [flags.dotenv, dotenvOf(facts)],
    [flags.facts, showFacts(facts)],
  ] as const;
  const warnings: Warning[] = [];
  for (const [path, text] of files) {
    if (path === undefined) continue;
    try {
      await writeFile(resolve(world.cwd, path), text);
    } catch (error) {
      const why = (error as Error).message;
      const message = `it could not be written: ${why}. The work itself is not touched by that.`;
      warnings.push({ about: path, message });
    }
  }
  return warnings;
};

/** An error's part of the facts. */
export const errorFacts = ({ code, message, remedy }: DeployError): NonNullable<RunFacts['error']> => ({
  code,
  message,
  remedy,
});

interface Refusal extends Leaving {
  readonly verb: Verb;
  readonly given: Given;
  readonly error: DeployError;
}

/** Leaves the same of a run that was refused for what it was given: nothing is understood of it, and the host was not asked. */
export const leaveRefusal = async ({ verb, given, error, ...leaving }: Refusal): Promise<void> => {
  const { CI_COMMIT_REF_NAME: ref = '', CI_COMMIT_SHA: commit } = given.variables;
  const facts: RunFacts = {
    version: 1,
    tool: version,
    command: verb,
    app: undefined,
    host: undefined,
    environment: undefined,
    ref,
    commit,
    services: [],
    exitCode: error.exitCode,
    result: undefined,
    error: errorFacts(error),
    steps: [],
    took: 0,
    used: { connections: 0, commands: 0 },
  };
  await leaveFiles(leaving, facts);
  if (leaving.flags.format === 'json') leaving.world.stdout.write(showFacts(facts));
};
