import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
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

export interface GitResult {
  readonly exit: number;
  /** Standard output and error, in order and with the last newline; '' if there is none. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs git as the host does: without a user's configuration or credentials. */
export async function runHostGit(
  { path, folder }: SandboxHost,
  cwd: string,
  words: readonly string[],
): Promise<GitResult> {
  const { exitCode, all, stdout, stderr } = await execa('git', words, {
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
  return {
    exit: exitCode ?? 128,
    output: withNewline(all),
    stdout: stdout.trim(),
    stderr: withNewline(stderr),
  };
}

function withNewline(text: string): string {
  return text === '' ? '' : `${text}\n`;
}

/** Returns the branch of an app that is deployed. */
export function resolveBranch({ state }: SandboxHost, { deployBranch }: App): string {
  return deployBranch ?? state.global.deployBranch ?? 'master';
}

/** What a command fetches: the repository, the ref, and how both are printed. */
export interface RemoteSource {
  readonly remote: string;
  /** A branch, a tag or a commit id; '' for the deploy branch. */
  readonly ref: string;
  /** Prints git's output, with the names that a real host would print. */
  readonly print: (output: string) => void;
}

/**
 * Clones a repository into an app that has no code on its deploy branch (Dokku's `fn-git-clone`): the whole `.git` folder
 * becomes the app's, and a ref that is not the deploy branch becomes it. Returns git's exit code.
 */
export async function cloneInto(
  host: SandboxHost,
  app: App,
  { remote, ref, print }: RemoteSource,
  skipDeployBranch: boolean,
): Promise<number> {
  await using work = await createScratchFolder(host);
  const git = (...words: readonly string[]) => runHostGit(host, join(work.path, 'clone'), words);
  const wanted = ref || resolveBranch(host, app);
  const options = ['clone', '--no-hardlinks', '--no-checkout', '--branch', wanted];
  // A branch or a tag can be cloned by its name. Over dumb HTTP, which cannot be shallow, no name counts as one.
  const trial = await runHostGit(host, work.path, [...options, '--depth', '1', remote, 'trial']);
  const isName = trial.exit === 0;
  const clone = isName
    ? [...options, remote, 'clone']
    : ['clone', '--no-hardlinks', '--no-checkout', remote, 'clone'];
  const cloned = await runHostGit(host, work.path, clone);
  if (cloned.exit !== 0) {
    print(cloned.output.replace("into 'clone'", "into '/tmp/dokku-fn-git-clone'"));
    return cloned.exit;
  }
  if (!isName) {
    const checkedOut = await git('checkout', '-qq', wanted);
    print(checkedOut.output);
    if (checkedOut.exit !== 0) return checkedOut.exit;
  } else if ((await git('show-ref', '--verify', `refs/heads/${wanted}`)).exit === 0) {
    print(
      skipDeployBranch
        ? `       Detected branch ${wanted}, skipping deploy-branch setting\n`
        : `       Detected branch, setting deploy-branch to ${wanted}\n`,
    );
    if (!skipDeployBranch) app.deployBranch = wanted;
  }
  const branch = resolveBranch(host, app);
  if (wanted !== branch) {
    if (!isName) await git('branch', '-qq', '-D', branch);
    await git('checkout', '-qq', '-b', branch);
  }
  await host.repositories.git(app.name, ['rev-parse', '--git-dir']);
  const folder = host.repositories.folderOf(app.name);
  await rm(join(work.path, 'clone', '.git', 'hooks'), { recursive: true, force: true });
  await cp(join(work.path, 'clone', '.git'), folder, { recursive: true });
  await host.repositories.git(app.name, ['config', '--add', 'core.bare', 'true']);
  return 0;
}

/**
 * Fetches a repository into an app (Dokku's `fn-git-fetch`): all its branches and tags are mirrored, and the deploy branch
 * is moved to the ref. Returns git's exit code.
 */
export async function fetchInto(
  host: SandboxHost,
  app: App,
  { remote, ref, print }: RemoteSource,
): Promise<number> {
  const branch = resolveBranch(host, app);
  const folder = host.repositories.folderOf(app.name);
  const git = (...words: readonly string[]) => runHostGit(host, folder, words);
  await git('remote', 'remove', 'remote');
  await git('remote', 'add', '--mirror=fetch', '--no-tags', 'remote', remote);
  const fetched = await git('fetch', '--update-head-ok', 'remote', ...(ref === '' ? [branch] : []));
  print(fetched.output);
  if (fetched.exit !== 0 || ref === '') return fetched.exit;
  const moved = await git('update-ref', `refs/heads/${branch}`, `${ref}^{commit}`);
  print(moved.output);
  return moved.exit;
}

/** Returns the name that a temporary folder of a hook has on a real host. */
export function hookFolder(hook: string): string {
  return `/tmp/dokku-${randomBytes(2).readUInt16BE()}-trigger-git-${hook}.${randomBytes(3).toString('hex')}`;
}
