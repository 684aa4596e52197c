import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';

export interface CheckoutOptions {
  /** The bare repository. */
  readonly repository: string;
  readonly commit: string;
  /** The folder to create. */
  readonly folder: string;
  /** The environment of git. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the `.git` entries of the files are kept. */
  readonly keepsGit: boolean;
  readonly out: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Checks the files of a commit out into a new folder, with their submodules, as Dokku does (`fn-git-setup-build-dir`). A
 * submodule that cannot be fetched leaves an empty folder, and a commit that does not exist leaves no files: git's errors are
 * printed, and the build continues.
 */
export async function checkOut(options: CheckoutOptions): Promise<void> {
  const { repository, commit, folder, keepsGit } = options;
  await mkdir(dirname(folder), { recursive: true });
  await git(options, repository, ['worktree', 'add', '--force', '--detach', folder, commit]);
  await mkdir(folder, { recursive: true });
  await git(options, folder, ['submodule', 'sync', '--recursive']);
  await git(options, folder, ['submodule', 'update', '--init', '--recursive']);
  if (!keepsGit) await execa('find', [folder, '-name', '.git', '-prune', '-exec', 'rm', '-rf', '{}', ';']);
  await git(options, repository, ['worktree', 'prune']);
}

/** Runs git, and prints its output if it fails. */
async function git(
  { env, folder, signal, out }: CheckoutOptions,
  cwd: string,
  words: readonly string[],
): Promise<void> {
  const { failed, all } = await execa('git', words, {
    cwd,
    // git must not find a repository that happens to contain the sandbox's folder.
    env: { ...env, GIT_CEILING_DIRECTORIES: dirname(folder), GIT_TERMINAL_PROMPT: '0' },
    extendEnv: false,
    reject: false,
    all: true,
    cancelSignal: signal,
  });
  if (failed && all !== '') for (const line of all.split('\n')) out(line);
}
