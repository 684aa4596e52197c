import { chmod, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Access } from '../access/access-types.ts';
import { stopError } from '../apply/stop.ts';
import { readLimitedFile } from '../environment/read-file.ts';
import { DeployError } from '../errors.ts';
import type { Redact } from '../report/redact.ts';
import { runPiped } from '../source/piped-process.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { pickHookEnv } from './hook-env.ts';
import { startHookServer } from './hook-server.ts';
import type { HookName } from './official-hooks.ts';
import type { TranslatedJob } from './translate.ts';

/** What the hooks of a job need. */
export interface HookOptions {
  readonly world: World;
  readonly job: TranslatedJob;
  readonly folder: string;
  readonly access: Access;
  readonly redact: Redact;
}

/** Whether the project has a file of this name. */
export function hasFile(folder: string, name: string): Promise<boolean> {
  return stat(join(folder, name)).then(
    (found) => found.isFile(),
    () => false,
  );
}

/**
 * Runs a hook if the project has it. Its output goes to the log, without secrets.
 *
 * Throws `hook-failed`, and the stop's error.
 */
export async function runHook(name: HookName, options: HookOptions): Promise<void> {
  const { world, folder } = options;
  if (!(await hasFile(folder, name))) return;
  world.stderr.write(`Running ${name}\n`);
  const path = join(folder, name);
  await makeExecutable(path);
  const result = await runWithHost(path, options);
  if (world.stop.aborted) throw stopError(world.stop);
  if (result.kind === 'ended' && result.exit === 0) return;
  throw new DeployError('hook-failed', {
    message:
      result.kind === 'ended'
        ? `${name} ended with exit code ${result.exit}.`
        : `${name} could not be started.`,
    said: result.kind === 'ended' ? [] : [result.reason],
    remedy:
      result.kind === 'ended'
        ? 'Its output is above. It gets no secrets of the job: name the variables that it needs in DOKKU_DEPLOY_HOOK_VARIABLES.'
        : 'It must begin with #! and the path of a program that the image has, such as #!/bin/sh.',
  });
}

/** The official image makes each hook executable, too. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o111) !== 0) return;
  await chmod(path, (mode & 0o7777) | 0o755).catch((error: Error) => {
    throw new DeployError('hook-failed', {
      message: `${path} is not executable, and cannot be made so.`,
      said: [error.message],
      remedy: 'Make it executable in the repository: git update-index --chmod=+x.',
    });
  });
}

async function runWithHost(path: string, { world, job, folder, access, redact }: HookOptions) {
  const warn = (message: string) => void world.stderr.write(`${redact(message)}\n`);
  await using host = createSshHost({ access, warn });
  await using server = await startHookServer({ host, address: job.address, program: world.program });
  return await runPiped(await hookWords(path), {
    cwd: folder,
    env: { ...buildHookEnv(job), PATH: [server.folder, world.env.PATH].join(delimiter) },
    onLine: (line) => world.stderr.write(`${redact(line)}\n`),
    stop: world.stop,
  });
}

/**
 * Returns the words that run a hook. Many begin with `#!/bin/sh -l`, as the documentation of the official image shows: the profile of a
 * machine would replace PATH, and with it the `ssh` of the hook.
 */
async function hookWords(path: string): Promise<string[]> {
  const start = await readLimitedFile(path).then(
    (bytes) => bytes.subarray(0, 128).toString(),
    () => '',
  );
  const shell = /^#! *(\/\S*\/(?:ba|da|a)?sh) +(?:-l|--login) *\r?\n/.exec(start)?.[1];
  return shell === undefined ? [path] : [shell, path];
}

function buildHookEnv({ env, app, command, isReviewApp, sshRemote }: TranslatedJob): Record<string, string> {
  const isCreate = { IS_REVIEW_APP_CREATE: String(command === 'review-apps:create') };
  return {
    ...pickHookEnv(env),
    APP_NAME: app,
    IS_REVIEW_APP: String(isReviewApp),
    ...(command === 'review-apps:destroy' ? {} : isCreate),
    SSH_REMOTE: sshRemote,
  };
}
