import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { type Commit, parseCommit } from './commit.ts';
import { createGit, type Git, gitError, wasKilledBySignal } from './git.ts';
import { readObject } from './objects.ts';
import type { ChildEnv, GitFailure } from './process.ts';

/** The job's repository and the commit to ship. Nothing is written to it. */
export interface Repository extends AsyncDisposable {
  /**
   * Git in a temporary repository that has the objects of the job's. It has its own index and configuration, so that no setting,
   * filter, hook or replacement of the job's repository has an effect, and it writes new objects to a temporary folder.
   */
  readonly git: Git;
  /** Git in the job's repository, with its configuration. */
  readonly clone: Git;
  readonly commit: Commit;
  /** The top folder of the work tree. */
  readonly workTree: string;
  /** The folder that is shipped, relative to the top one and without a slash at its end; '' for the top folder. */
  readonly root: string;
  /** The job's folder in the same form, but with a slash at its end. */
  readonly prefix: string;
  readonly isShallow: boolean;
  /** A temporary folder. Removed when the repository is disposed. */
  readonly scratch: string;
}

/**
 * Opens the repository of the job and finds the commit to ship.
 *
 * Throws `not-a-repository` and `source-failed`.
 */
export async function openRepository(source: Source, childEnv: ChildEnv): Promise<Repository> {
  const clone = createGit(source.folder, { childEnv });
  const info = await inspectRepository(clone, source.commit ?? 'HEAD');
  const scratch = await createScratchRepository(info);
  const remove = () => rm(scratch, { recursive: true, force: true });
  try {
    const { objects, id } = info;
    const git = createGit(scratch, {
      childEnv,
      env: {
        GIT_DIR: scratch,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: /[:"]/.test(objects) ? JSON.stringify(objects) : objects,
      },
    });
    const commit = parseCommit(await readObject(git, id));
    const root = joinFolders(info.prefix, source.dir ?? source.root ?? '');
    return { ...info, root, git, clone, commit, scratch, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface RepositoryInfo {
  /** The folder with its objects. */
  readonly objects: string;
  /** The file with the commits whose parents are missing. */
  readonly shallowFile: string;
  readonly isShallow: boolean;
  readonly workTree: string;
  /** The job's folder, relative to the top one: `apps/api/`. */
  readonly prefix: string;
  /** The full id of the commit to ship. */
  readonly id: string;
}

/** `apps/` and `./api/` → `apps/api`; '' for the top folder. */
function joinFolders(prefix: string, folder: string): string {
  return posix.join('/', prefix, folder).replace(/^\/|\/$/g, '');
}

/** Asks git for everything at once; only if that fails, for one thing after the other, to find out which. */
async function inspectRepository(git: Git, wanted: string): Promise<RepositoryInfo> {
  const together = /^\w+$/.test(wanted) ? await git.run([...infoArgs, `${wanted}^{commit}`]) : undefined;
  const result = together?.kind === 'ok' ? together : await git.run(infoArgs);
  if (result.kind === 'failed') throw explainNoRepository(git.folder, result);
  const lines = result.stdout.toString().split('\n').slice(0, -1);
  const id = result === together ? (lines.pop() ?? '') : await resolveCommit(git, wanted);
  // The last two are not printed for a repository without a work tree.
  const [shallow, objects = '', shallowFile = '', workTree = '', prefix = ''] = lines;
  const locate = (path: string): string => resolve(git.folder, path);
  return {
    isShallow: shallow === 'true',
    objects: locate(objects),
    shallowFile: locate(shallowFile),
    workTree: locate(workTree),
    prefix,
    id: checkId(id),
  };
}

const infoArgs = [
  ...['rev-parse', '--is-shallow-repository', '--git-path', 'objects', '--git-path', 'shallow'],
  ...['--show-cdup', '--show-prefix'],
];

function explainNoRepository(folder: string, failure: GitFailure): DeployError {
  if (failure.exit !== undefined) return noRepositoryError(folder, failure.stderr);
  return /ENOENT/.test(failure.stderr) ? noGitError(failure.stderr) : gitError(infoArgs, failure);
}

function noGitError(reason: string): DeployError {
  return new DeployError('not-a-repository', {
    message: 'git was not found. It is needed to ship the code.',
    said: [reason],
    remedy: 'Use the dokku-deployer image, or install git on the runner.',
  });
}

function noRepositoryError(folder: string, stderr: string): DeployError {
  return new DeployError('not-a-repository', {
    message: `There is no git repository in ${folder}.`,
    said: stderr.split('\n').slice(0, 3),
    remedy:
      'Run dokku-deploy in the project’s folder. In a job, this command does not work with GIT_STRATEGY: none or empty.',
  });
}

/** Returns the full id of the commit that `wanted` names. */
async function resolveCommit(git: Git, wanted: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted}^{commit}`];
  const result = await git.run(args);
  if (result.kind === 'failed') throw noCommitError(wanted, result.stderr);
  return result.stdout.toString().trim();
}

function checkId(id: string): string {
  if (id.length === 40) return id;
  throw new DeployError('source-failed', {
    message: 'The repository uses SHA-256 object ids, which Dokku’s repositories do not accept.',
    remedy: 'Use a repository with SHA-1 object ids (git init --object-format=sha1).',
  });
}

function noCommitError(wanted: string, stderr: string): DeployError {
  return wanted === 'HEAD'
    ? new DeployError('not-a-repository', {
        message: 'The repository has no commit yet.',
        said: [stderr],
        remedy: 'Make a commit, and run dokku-deploy again.',
      })
    : new DeployError('not-a-repository', {
        message: `The commit ${wanted.slice(0, 12)} is not in this clone.`,
        said: [stderr],
        remedy:
          'The folder may contain another job’s clone (GIT_STRATEGY: none), or GIT_CHECKOUT is false. Let the runner fetch the job’s commit.',
      });
}

// Large files are stored and sent as they are, because looking for differences would take git as much memory as they have bytes.
const scratchConfig = '[core]\n\trepositoryFormatVersion = 0\n\tbigFileThreshold = 64m\n';

/** Creates an empty repository in a temporary folder. A job's TMPDIR may name a folder that does not exist or is not writable. */
async function createScratchRepository({ isShallow, shallowFile }: RepositoryInfo): Promise<string> {
  try {
    const scratch = await mkdtemp(join(tmpdir(), 'dokku-deploy-'));
    await Promise.all([
      mkdir(join(scratch, 'objects')),
      mkdir(join(scratch, 'refs')),
      writeFile(join(scratch, 'HEAD'), 'ref: refs/heads/none\n'),
      writeFile(join(scratch, 'config'), scratchConfig),
      ...(isShallow ? [copyFile(shallowFile, join(scratch, 'shallow'))] : []),
    ]);
    return scratch;
  } catch (error) {
    throw new DeployError('source-failed', {
      message: `A temporary folder could not be created in ${tmpdir()}.`,
      said: [(error as Error).message],
      remedy: 'Set TMPDIR to a folder that exists and is writable.',
      cause: error,
    });
  }
}

/**
 * Fetches the rest of a shallow clone's history, from the job's own remote with the job's own credentials.
 *
 * Throws `source-failed`.
 */
export async function unshallow(source: Source, childEnv: ChildEnv): Promise<void> {
  const failed = await fetchHistory(createGit(source.folder, { childEnv, settings: 'job' }));
  if (failed === undefined) return;
  throw new DeployError('source-failed', {
    message: 'The clone is shallow, and fetching the rest of its history failed.',
    said: failed.said,
    remedy: 'Set GIT_DEPTH: 0 for the job, or use source.history: snapshot, which needs no history.',
    cause: failed.cause,
  });
}

/** Returns why the fetch failed. If git has no helper for the remote’s protocol, SIGPIPE may kill it before it can say so. */
async function fetchHistory(git: Git): Promise<DeployError | undefined> {
  const args = ['fetch', '--quiet', '--unshallow', 'origin'];
  try {
    const result = await git.run(args);
    if (result.kind === 'ok' || /does not make sense/.test(result.stderr)) return undefined;
    return gitError(args, result);
  } catch (error) {
    if (!(error instanceof DeployError) || wasKilledBySignal(error)) throw error;
    return error;
  }
}
