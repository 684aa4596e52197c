import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Warning } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { formatDotenv } from '../report/dotenv.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';
import { formatSummary, type RunSummary } from './summary.ts';

interface ArtifactOptions {
  readonly world: Pick<World, 'cwd'>;
  readonly flags: Pick<RunFlags, 'dotenv' | 'facts'>;
  readonly jobInput: Pick<JobInput, 'variables'>;
}

/**
 * Writes the files that a run leaves for later jobs: its dotenv report and its summary. A file that no flag names is written
 * in a CI job only: on a laptop it would be litter in the project. Returns a warning for each file that could not be written.
 */
export async function writeArtifacts(
  { world, flags, jobInput }: ArtifactOptions,
  summary: RunSummary,
): Promise<Warning[]> {
  const files = [
    [artifactPath(flags.dotenv, 'dokku-deploy.env', jobInput), summaryToDotenv(summary)],
    [artifactPath(flags.facts, 'deploy.json', jobInput), formatSummary(summary)],
  ] as const;
  const warnings: Warning[] = [];
  for (const [path, text] of files) {
    if (path === undefined) continue;
    try {
      await writeFile(resolve(world.cwd, path), text);
    } catch (error) {
      const why = (error as Error).message;
      const message = `it could not be written: ${why}. The result of the run is not affected.`;
      warnings.push({ about: path, message });
    }
  }
  return warnings;
}

/** Returns the path to write to; undefined if the file is not to be written. */
function artifactPath(
  flag: string | undefined,
  defaultPath: string,
  { variables }: ArtifactOptions['jobInput'],
): string | undefined {
  if (flag !== undefined) return flag === 'none' ? undefined : flag;
  const inCiJob = variables.GITLAB_CI !== undefined || variables.CI !== undefined;
  return inCiJob ? defaultPath : undefined;
}

function summaryToDotenv({ app, environment, commit, exitCode, result }: RunSummary): string {
  const url = result?.kind === 'serving' ? result.urls[0] : undefined;
  return formatDotenv({ app, environment, commit, exitCode, url });
}
