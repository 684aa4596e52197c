import type { Warning } from '../context/context.ts';
import type { JobInput } from '../environment/job-input.ts';
import { formatAnnotations, isAnnotations } from '../report/annotations.ts';
import { formatDotenv, isDotenvReport } from '../report/dotenv.ts';
import { type CheckedRun, formatJunit, isJunitReport } from '../report/junit.ts';
import type { World } from '../world.ts';
import { type ArtifactFile, writeArtifactFile } from './artifact-file.ts';
import { pickChildEnv } from './child-env.ts';
import { buildLinks } from './links.ts';
import type { RunFlags } from './run-flags.ts';
import { formatSummary, isSummary, type RunSummary } from './summary.ts';

interface ArtifactOptions {
  readonly world: Pick<World, 'cwd' | 'env'>;
  readonly flags: Pick<RunFlags, 'dotenv' | 'facts' | 'annotations' | 'junit'>;
  readonly jobInput: Pick<JobInput, 'variables'>;
}

/** What the files say about a run. Its texts are redacted. */
export interface RunRecord extends Pick<CheckedRun, 'failures' | 'scripts' | 'error'> {
  readonly summary: RunSummary;
}

/**
 * Writes the files that a run leaves for GitLab and for later jobs. A file that no flag names is written in a CI job only: on a
 * laptop it would be litter in the project. Returns a warning for each file that could not be written.
 */
export async function writeArtifacts(options: ArtifactOptions, record: RunRecord): Promise<Warning[]> {
  const { world, flags, jobInput } = options;
  const warnings: Warning[] = [];
  for (const { flag, defaultPath, ...file } of listArtifacts(record, options)) {
    const path = artifactPath(flags[flag], defaultPath, jobInput);
    if (path === undefined) continue;
    const reason = await writeArtifactFile(
      { path, ...file },
      { cwd: world.cwd, childEnv: pickChildEnv(world) },
    );
    if (reason === undefined) continue;
    const message = `not written: ${reason}. The result of the run is not affected; --${flag} sets another path.`;
    warnings.push({ about: path, message });
  }
  return warnings;
}

interface Artifact extends Omit<ArtifactFile, 'path'> {
  readonly flag: keyof ArtifactOptions['flags'];
  readonly defaultPath: string;
}

function listArtifacts({ summary, ...checks }: RunRecord, { jobInput }: ArtifactOptions): Artifact[] {
  return [
    {
      flag: 'dotenv',
      defaultPath: 'dokku-deploy.env',
      text: summaryToDotenv(summary),
      isOwn: isDotenvReport,
    },
    { flag: 'facts', defaultPath: 'deploy.json', text: formatSummary(summary), isOwn: isSummary },
    {
      flag: 'annotations',
      defaultPath: 'dokku-deploy-links.json',
      text: formatAnnotations(buildLinks(summary, jobInput.variables)),
      isOwn: isAnnotations,
    },
    {
      flag: 'junit',
      defaultPath: 'dokku-deploy-junit.xml',
      text: formatJunit({ ...checks, app: summary.app, steps: summary.steps }),
      isOwn: isJunitReport,
    },
  ];
}

function summaryToDotenv({ app, environment, commit, exitCode, result }: RunSummary): string {
  const url = result?.kind === 'serving' ? result.urls[0] : undefined;
  return formatDotenv({ app, environment, commit, exitCode, url });
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
