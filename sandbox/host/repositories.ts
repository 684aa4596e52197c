import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type CheckoutOptions, checkOut } from './checkout.ts';
import { type GitService, preReceiveHook, serveGit } from './serve-git.ts';

export interface Extraction extends Omit<CheckoutOptions, 'repository' | 'env'> {
  /** Variables with which git finds the objects of a push that is not accepted yet. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The bare repositories of a host's apps. */
export interface Repositories {
  readonly folderOf: (app: string) => string;
  /** Serves a client's git-receive-pack or git-upload-pack on its channel. Resolves with git's exit code. */
  readonly serve: (app: string, service: GitService) => Promise<number>;
  /** Returns the commit id of a branch, undefined if it does not exist. */
  readonly idOf: (app: string, branch: string) => Promise<string | undefined>;
  /** Returns what a branch, a tag or a commit id names, undefined if there is none. */
  readonly resolve: (app: string, name: string) => Promise<string | undefined>;
  /** Copies the branches of one app's repository to another's; does nothing if it has no repository. */
  readonly copy: (from: string, to: string) => Promise<void>;
  /** Runs git in an app's repository, which is created if it is missing. */
  readonly git: (
    app: string,
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
  /** Checks the files of a commit out into a new folder. */
  readonly extract: (app: string, extraction: Extraction) => Promise<void>;
}

/** Manages the repositories below a folder; each is created when it is first opened. */
export function openRepositories(root: string, path: string): Repositories {
  const folderOf = (app: string): string => join(root, `${app}.git`);
  const git = (app: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    execa('git', words, {
      cwd: folderOf(app),
      env: { ...gitEnv(path), ...env },
      extendEnv: false,
      reject: false,
    });

  const create = async (app: string): Promise<void> => {
    const folder = folderOf(app);
    await mkdir(folder, { recursive: true });
    await git(app, ['init', '--quiet', '--bare', '--initial-branch=master', '.']);
    await mkdir(join(folder, 'hooks'), { recursive: true });
    await writeFile(join(folder, 'hooks', 'pre-receive'), preReceiveHook);
    await chmod(join(folder, 'hooks', 'pre-receive'), 0o700);
  };

  // Two pushes at once must not find a repository that is only half created, nor a later one what a removal left of it.
  const creating = new Map<string, Promise<void>>();
  const open = async (app: string): Promise<string> => {
    const folder = folderOf(app);
    if (!creating.has(app) && !existsSync(join(folder, 'HEAD'))) {
      creating.set(
        app,
        create(app).finally(() => creating.delete(app)),
      );
    }
    await creating.get(app);
    return folder;
  };

  const serve: Repositories['serve'] = async (app, service) =>
    serveGit(service, { folder: await open(app), env: gitEnv(path) });

  const resolve: Repositories['resolve'] = async (app, name) => {
    if (!existsSync(folderOf(app))) return undefined;
    const { stdout, failed } = await git(app, ['rev-parse', '--verify', '--quiet', name]);
    return failed ? undefined : stdout.trim();
  };

  const idOf: Repositories['idOf'] = (app, branch) => resolve(app, `refs/heads/${branch}`);

  const extract: Repositories['extract'] = (app, { env = {}, ...options }) =>
    checkOut({ ...options, repository: folderOf(app), env: { ...gitEnv(path), ...env } });

  const copy: Repositories['copy'] = async (from, to) => {
    if (!existsSync(folderOf(from))) return;
    await open(to);
    await git(to, ['fetch', '--quiet', folderOf(from), '+refs/heads/*:refs/heads/*']);
  };

  const run: Repositories['git'] = async (app, words, env) => {
    await open(app);
    const { stdout, stderr, exitCode = 128 } = await git(app, words, env);
    return { stdout, stderr, exitCode };
  };

  return { folderOf, serve, idOf, resolve, extract, copy, git: run };
}

function gitEnv(path: string): Record<string, string> {
  return {
    PATH: path,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
}
