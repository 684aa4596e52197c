import type { Warning } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { formatDotenv, isDotenvReport } from '../report/dotenv.ts';
import type { World } from '../world.ts';
import { writeArtifactFile } from './artifact-file.ts';
import { pickChildEnv } from './child-env.ts';
import type { RunFlags } from './run-flags.ts';
import { formatSummary, isSummary, type RunSummary } from './summary.ts';

interface ArtifactOptions {
  readonly world: Pick<World, 'cwd' | 'env'>;
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
    {
      flag: '--dotenv',
      path: artifactPath(flags.dotenv, 'dokku-deploy.env', jobInput),
      text: summaryToDotenv(summary),
      isOwn: isDotenvReport,
    },
    {
      flag: '--facts',
      path: artifactPath(flags.facts, 'deploy.json', jobInput),
      text: formatSummary(summary),
      isOwn: isSummary,
    },
  ];
  const warnings: Warning[] = [];
  for (const { flag, path, ...file } of files) {
    if (path === undefined) continue;
    const reason = await writeArtifactFile(
      { path, ...file },
      { cwd: world.cwd, childEnv: pickChildEnv(world) },
    );
    if (reason === undefined) continue;
    const message = `not written: ${reason}. The result of the run is not affected; ${flag} sets another path.`;
    warnings.push({ about: path, message });
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
