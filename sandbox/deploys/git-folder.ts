import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '../host/call.ts';
import type { App, SandboxHost } from '../host/state.ts';
import {
  cloneInto,
  createScratchFolder,
  fetchInto,
  hookFolder,
  type RemoteSource,
  resolveBranch,
  runHostGit,
} from './host-git.ts';

export interface FolderSource {
  readonly app: App;
  readonly folder: string;
  /** The author's name. Recorded: Dokku uses it for the address too. */
  readonly author: string | undefined;
  /** What started the deploy, as `builds:list` names it. */
  readonly source: string;
}

/**
 * Commits the files of a folder to an app's branch and deploys the commit (Dokku's `git-from-directory`). Returns the exit
 * code. All output, warnings too, goes to standard output. The branch moves before the deploy meets the lock; only a deploy
 * that fails after its build takes the commit back.
 */
export async function deployFolder(call: Call, host: SandboxHost, from: FolderSource): Promise<number> {
  const { app, folder, source } = from;
  const { repositories } = host;
  call.out('-----> Updating git repository with specified build context\n');
  const before = await repositories.resolve(app.name, resolveBranch(host, app));
  await using work = await createScratchFolder(host);
  const files = join(work.path, 'files');
  await cp(folder, files, { recursive: true, verbatimSymlinks: true });
  const exit = await (before === undefined ? startRepository : continueRepository)(call, host, {
    ...from,
    files,
  });
  if (exit !== 0) return exit;
  const branch = resolveBranch(host, app);
  const commit = (await runHostGit(host, files, ['rev-parse', 'HEAD'])).stdout;
  const shown = hookFolder('git-from-directory');
  const remote: RemoteSource = {
    remote: files,
    ref: before === undefined ? branch : commit,
    print: (output) => call.out(output.replaceAll(files, shown)),
  };
  const moved = await (before === undefined
    ? cloneInto(host, app, remote, false)
    : fetchInto(host, app, remote));
  if (moved !== 0) return moved;
  const outcome = await host.receive(app, { out: call.out, source, commit, reach: call.reach });
  if (outcome === 'unreleased') {
    const words = before === undefined ? ['-d', 'HEAD'] : [`refs/heads/${branch}`, `${branch}^`];
    await repositories.git(app.name, ['update-ref', ...words]);
  }
  return outcome === 'deployed' ? 0 : outcome === 'killed' ? 131 : 1;
}

type CommitSource = FolderSource & { readonly files: string };

/** Makes the files the first commit of a new repository. */
async function startRepository(call: Call, host: SandboxHost, from: CommitSource): Promise<number> {
  const git = (...words: readonly string[]) => runHostGit(host, from.files, words);
  await git('init', '--quiet', `--initial-branch=${resolveBranch(host, from.app)}`);
  return commit(call, from, git, 'Initial commit');
}

/** Makes the files the next commit in a clone of the app's repository. */
async function continueRepository(call: Call, host: SandboxHost, from: CommitSource): Promise<number> {
  const git = (...words: readonly string[]) => runHostGit(host, from.files, words);
  await using clone = await createScratchFolder(host);
  const inside = join(clone.path, 'clone');
  if (existsSync(join(from.files, '.git'))) {
    call.out('fatal: not in a git directory\n');
    return 128;
  }
  await runHostGit(host, clone.path, [
    'clone',
    '--quiet',
    host.repositories.folderOf(from.app.name),
    'clone',
  ]);
  await cp(join(inside, '.git'), join(from.files, '.git'), { recursive: true });
  await git('add', '--all');
  await git('update-index', '--refresh');
  if ((await git('diff-index', '--quiet', 'HEAD', '--')).exit === 0) {
    call.out(' !     No changes detected, skipping git commit\n');
    call.out(" !     Call 'ps:rebuild' on app to rebuild the app from existing source\n");
    return 1;
  }
  return commit(call, from, git, `Automated commit @ ${Math.floor(host.now() / 1_000)}`);
}

async function commit(
  call: Call,
  { author }: FolderSource,
  git: (...words: readonly string[]) => ReturnType<typeof runHostGit>,
  message: string,
): Promise<number> {
  const [name, email] = author === undefined ? ['Dokku', 'automated@dokku.sh'] : [author, author];
  await git('config', 'user.name', name);
  await git('config', 'user.email', email);
  await git('add', '--all');
  const committed = await git('commit', '--quiet', '--message', message);
  // Git's output is printed only if it fails: the files had a `.git` of their own, or there is nothing to commit.
  if (committed.exit !== 0) call.out(committed.output);
  return committed.exit;
}
