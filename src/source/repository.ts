import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { createGit, type Git, gitError } from './git.ts';
import type { ChildEnv } from './process.ts';

/** The job's repository and the commit to ship. Nothing is written to it. */
export interface Repository extends AsyncDisposable {
  /** Git that writes new objects to `scratch`. */
  readonly git: Git;
  /** Full id of the commit to ship. */
  readonly commit: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committedAt: string;
  /** The first line of its message. */
  readonly subject: string;
  readonly isShallow: boolean;
  /** A temporary folder for objects and an index. Removed when the repository is disposed. */
  readonly scratch: string;
}

/**
 * Opens the repository of the job and finds the commit to ship.
 *
 * Throws `not-a-repository` and `source-failed`.
 */
export async function openRepository(source: Source, world: ChildEnv): Promise<Repository> {
  const plain = createGit(source.folder, world);
  const { objects, isShallow } = await inspectRepository(plain);
  const { id, committedAt, subject } = await resolveCommit(plain, source.commit);
  const scratch = await createScratchFolder();
  const git = plain.withEnv({
    GIT_OBJECT_DIRECTORY: join(scratch, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects.includes(':') ? JSON.stringify(objects) : objects,
  });
  return {
    git,
    commit: id,
    committedAt,
    subject,
    isShallow,
    scratch,
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}

interface RepositoryInfo {
  readonly objects: string;
  readonly isShallow: boolean;
}

async function inspectRepository(git: Git): Promise<RepositoryInfo> {
  const args = ['rev-parse', '--is-shallow-repository', '--git-path', 'objects'];
  const result = await git.run(args);
  if (result.kind === 'failed') {
    throw result.exit === undefined
      ? noGitError(result.stderr)
      : noRepositoryError(git.folder, result.stderr);
  }
  const [shallow, objects = ''] = result.stdout.toString().trim().split('\n');
  return { isShallow: shallow === 'true', objects: resolve(git.folder, objects) };
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

async function resolveCommit(
  git: Git,
  wanted: string | undefined,
): Promise<Pick<Repository, 'committedAt' | 'subject'> & { readonly id: string }> {
  const result = await git.run([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${wanted ?? 'HEAD'}^{commit}`,
  ]);
  if (result.kind === 'failed') throw noCommitError(wanted, result.stderr);
  const id = result.stdout.toString().trim();
  if (id.length !== 40) {
    throw new DeployError('source-failed', {
      message: 'The repository uses SHA-256 object ids, which Dokku’s repositories do not accept.',
      remedy: 'Use a repository with SHA-1 object ids (git init --object-format=sha1).',
    });
  }
  const [seconds, subject = ''] = (await git.text(['show', '--no-patch', '--format=%ct%n%s', id])).split(
    '\n',
  );
  return { id, committedAt: new Date(Number(seconds) * 1_000).toISOString(), subject };
}

function noCommitError(wanted: string | undefined, stderr: string): DeployError {
  return wanted === undefined
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

/** Creates a folder for temporary objects. A job's TMPDIR may name a folder that does not exist or is not writable. */
async function createScratchFolder(): Promise<string> {
  try {
    const scratch = await mkdtemp(join(tmpdir(), 'dokku-deploy-'));
    await mkdir(join(scratch, 'objects'));
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
export async function unshallow(source: Source, world: ChildEnv): Promise<void> {
  const args = ['fetch', '--quiet', '--unshallow', 'origin'];
  const result = await createGit(source.folder, world).run(args);
  if (result.kind === 'ok' || /does not make sense/.test(result.stderr)) return;
  const failed = gitError(args, result);
  throw new DeployError('source-failed', {
    message: 'The clone is shallow, and fetching the rest of its history failed.',
    said: failed.said,
    remedy: 'Set GIT_DEPTH: 0 for the job, or use source.history: snapshot, which needs no history.',
    cause: failed.cause,
  });
}
