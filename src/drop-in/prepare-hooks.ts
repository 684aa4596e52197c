import { resolveAccess } from '../access/access.ts';
import { readJobInput } from '../environment/job-input.ts';
import { configurationError, type Problem } from '../problems.ts';
import { createRedactor } from '../run/redactor.ts';
import type { World } from '../world.ts';
import { readCommitOverride } from './commit-override.ts';
import { checkHookVariables } from './hook-env.ts';
import { officialHooks } from './official-hooks.ts';
import { type HookOptions, hasFile, runHook } from './run-hooks.ts';
import type { TranslatedJob } from './translate.ts';

/** The hooks of a job's project. */
export interface Hooks {
  /** Runs one if the project has it. */
  readonly run: (name: Parameters<typeof runHook>[0]) => Promise<void>;
  /** What precedes a deploy: the hook, and then the commit that the project names. Undefined if it has neither. */
  readonly beforeDeploy: (() => Promise<string | undefined>) | undefined;
}

/**
 * Returns the hooks of a job; undefined if its project has none, and in a dry run.
 *
 * Throws `configuration` if they could not reach the host, if they are to get the key, or if the project names no valid commit.
 */
export async function prepareHooks(world: World, job: TranslatedJob): Promise<Hooks | undefined> {
  const { cwd: folder, env } = world;
  const files = await findFiles(folder);
  if (files.size === 0) return undefined;
  if (job.argv.includes('--dry-run')) {
    world.stderr.write('The hooks of the project are not run: this is a dry run.\n');
    return undefined;
  }
  const jobInput = await readJobInput(world);
  const problems: Problem[] = checkHookVariables(env);
  const host = { where: 'GIT_REMOTE_URL', text: env.DOKKU_HOST };
  const access = await resolveAccess(jobInput, host, problems);
  if (access === undefined || problems.length > 0) throw configurationError(problems);
  const options: HookOptions = { world, job, folder, access, redact: createRedactor(jobInput).redact };
  // The hook may write it first.
  if (!files.has('bin/ci-pre-deploy')) await readCommitOverride(folder);
  const beforeDeploy = async (): Promise<string | undefined> => {
    await runHook('bin/ci-pre-deploy', options);
    const commit = await readCommitOverride(folder);
    if (commit !== undefined) world.stderr.write(`The commit is ${commit}, from ci-commit-override\n`);
    return commit;
  };
  const precedes = files.has('bin/ci-pre-deploy') || files.has('ci-commit-override');
  return {
    run: (name) => runHook(name, options),
    beforeDeploy: precedes ? beforeDeploy : undefined,
  };
}

async function findFiles(folder: string): Promise<ReadonlySet<string>> {
  const names = officialHooks.map(({ name }) => name);
  const found = await Promise.all(names.map((name) => hasFile(folder, name)));
  return new Set(names.filter((_, index) => found[index]));
}
