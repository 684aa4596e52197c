import { resolve } from 'node:path';
import { isInRepository } from '../environment/checkout.ts';
import { configurationError } from '../problems.ts';
import { sanitizeText } from '../report/sanitize.ts';
import type { World } from '../world.ts';
import { listCheckoutFolders } from './ci-systems.ts';
import { prepareHooks } from './prepare-hooks.ts';
import { type TranslatedJob, translateJob } from './translate.ts';

/** Runs the program with other arguments, variables and folder, and returns its exit code. */
export type RunProgram = (world: World) => Promise<number>;

/**
 * Runs a job that was written for dokku/ci-docker-image, with the hooks of its project, and returns its exit code.
 *
 * Throws `configuration` with everything that is wrong with its variables, and `hook-failed`.
 */
export async function runOfficialJob(world: World, runProgram: RunProgram): Promise<number> {
  const job = translateJob(world.env);
  if ('problems' in job) throw configurationError(job.problems);
  const folder = await findCheckout(world);
  logTranslation(world, job, folder);
  const jobWorld = { ...world, argv: job.argv, env: job.env, cwd: folder };
  const hooks = await prepareHooks(jobWorld, job);
  if (job.command === 'review-apps:destroy') await hooks?.run('bin/ci-pre-review-app-destroy');
  const exit = await runProgram({ ...jobWorld, beforeDeploy: hooks?.beforeDeploy });
  if (exit === 0) await hooks?.run(afterHooks[job.command]);
  return exit;
}

const afterHooks = {
  deploy: 'bin/ci-post-deploy',
  'review-apps:create': 'bin/ci-post-deploy',
  'review-apps:destroy': 'bin/ci-post-review-app-destroy',
} as const;

/** Returns the job's folder if it is in a checkout, else the one that the CI system names, if that is one. */
async function findCheckout({ cwd, env }: World): Promise<string> {
  const folders = [cwd, ...listCheckoutFolders(env).map((folder) => expandHome(folder, env.HOME))];
  for (const folder of folders) {
    const path = resolve(cwd, folder);
    if (await isInRepository(path)) return path;
  }
  return cwd;
}

/** CircleCI writes `~/project`. */
function expandHome(folder: string, home = '~'): string {
  return folder.replace(/^~(?=\/|$)/, home);
}

function logTranslation({ stderr }: World, job: TranslatedJob, folder: string): void {
  const { argv, branch, commit, notes } = job;
  const facts = [
    branch ? `branch ${branch.value} (${branch.from})` : 'branch of the checkout',
    commit ? `commit ${commit.value.slice(0, 12)} (${commit.from})` : 'commit of the checkout',
    `checkout ${folder}`,
  ];
  const lines = [
    `This job was written for dokku/ci-docker-image. It runs: dokku-deploy ${argv.join(' ')}`,
    facts.join(', '),
    ...notes,
  ];
  for (const line of lines) stderr.write(`${sanitizeText(line.replace(/\s+/g, ' '))}\n`);
}
