import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Call } from '../host/call.ts';
import type { App, SandboxHost } from '../host/state.ts';

/** Creates a folder for one command; disposing it removes it. */
export async function createScratchFolder(
  host: SandboxHost,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const parent = join(host.folder, 'tmp');
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'dokku-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface Author {
  readonly name: string | undefined;
  readonly email: string | undefined;
}

/**
 * Commits the files of a folder to an app's branch and deploys the commit. Returns the exit code. A failed deploy takes
 * the commit back (Dokku's `git-from-directory`). All output, warnings too, goes to standard output.
 */
export async function deployFolder(
  call: Call,
  host: SandboxHost,
  {
    app,
    folder,
    author,
    source,
  }: {
    readonly app: App;
    readonly folder: string;
    readonly author: Author;
    readonly source: string;
  },
): Promise<number> {
  const { repositories } = host;
  const branch = resolveBranch(app);
  const before = await repositories.idOf(app.name, branch);
  const git = (...words: readonly string[]) => runHostGit(host, folder, words);
  call.out('-----> Updating git repository with specified build context\n');
  await git('init', '--quiet', `--initial-branch=${branch}`);
  if (before !== undefined) {
    await git('fetch', '--quiet', repositories.folderOf(app.name), `refs/heads/${branch}`);
    await git('update-ref', `refs/heads/${branch}`, 'FETCH_HEAD');
  }
  const message =
    before === undefined ? 'Initial commit' : `Automated commit @ ${Math.floor(host.now() / 1_000)}`;
  if (!(await commit(host, folder, message, author))) {
    call.out(' !     No changes detected, skipping git commit\n');
    call.out(" !     Call 'ps:rebuild' on app to rebuild the app from existing source\n");
    return 1;
  }
  await repositories.git(app.name, [
    'fetch',
    '--quiet',
    folder,
    `+refs/heads/${branch}:refs/heads/${branch}`,
  ]);
  const after = (await repositories.idOf(app.name, branch)) ?? '';
  if (before === undefined && app.deployBranch === undefined) {
    call.out(`       Detected branch, setting deploy-branch to ${branch}\n`);
    app.deployBranch = branch;
  } else if (before !== undefined) {
    call.out(`From /tmp/dokku-${randomBytes(2).readUInt16BE()}-trigger-git-git-from-directory\n`);
    call.out(`   ${before.slice(0, 7)}..${after.slice(0, 7)}  ${branch}     -> ${branch}\n`);
  }
  const exit = await host.deploy(app, { out: call.out, source, from: 'build', reach: call.reach });
  if (exit === 0) return 0;
  const words =
    before === undefined
      ? ['update-ref', '-d', `refs/heads/${branch}`]
      : ['update-ref', `refs/heads/${branch}`, before];
  await repositories.git(app.name, words);
  return exit;
}

async function commit(host: SandboxHost, work: string, message: string, author: Author): Promise<boolean> {
  const git = (...words: readonly string[]) => runHostGit(host, work, words);
  await git('add', '--all', '--force', '.');
  const { exit } = await git('diff-index', '--quiet', 'HEAD', '--');
  if (exit === 0) return false;
  const who = [
    '-c',
    `user.name=${author.name ?? 'Dokku'}`,
    '-c',
    `user.email=${author.email ?? 'automated@dokku.sh'}`,
  ];
  await git(...who, 'commit', '--quiet', '--allow-empty', '-m', message);
  return true;
}

/** Runs git as the host does: without a user's configuration or credentials. */
export async function runHostGit(
  { path, folder }: SandboxHost,
  cwd: string,
  words: readonly string[],
): Promise<{ readonly exit: number; readonly output: string; readonly stdout: string }> {
  const { exitCode, all, stdout } = await execa('git', words, {
    cwd,
    env: {
      PATH: path,
      LC_ALL: 'C',
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_SSH_COMMAND: 'ssh -F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityFile=/dev/null',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
    extendEnv: false,
    reject: false,
    all: true,
  });
  return { exit: exitCode ?? 128, output: all === '' ? '' : `${all}\n`, stdout };
}

/** Returns the branch of an app that is deployed. */
export function resolveBranch({ deployBranch }: App): string {
  return deployBranch ?? 'master';
}
