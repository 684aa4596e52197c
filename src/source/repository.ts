import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { createGit, type Git, gitError } from './git.ts';
import type { ChildEnv } from './process.ts';

/** The job's repository, with the commit that is to be shipped. Nothing is written into it. */
export interface Repository extends AsyncDisposable {
  /** Git whose new objects go to `scratch`. */
  readonly git: Git;
  /** The commit to ship, whole id. */
  readonly commit: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committedAt: string;
  /** The first line of its message. */
  readonly subject: string;
  readonly isShallow: boolean;
  /** A temporary folder for objects and an index; removed with the repository. */
  readonly scratch: string;
}

/**
 * Opens the repository of the job and finds the commit to ship.
 *
 * Raises `not-a-repository` and `source-failed`.
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

function noGitError(said: string): DeployError {
  return new DeployError('not-a-repository', {
    message: 'The program git was not found, and the code cannot be shipped without it.',
    said: [said],
    remedy: 'Use the dokku-deployer image, or install git on the runner.',
  });
}

function noRepositoryError(folder: string, said: string): DeployError {
  return new DeployError('not-a-repository', {
    message: `There is no git repository in ${folder}.`,
    said: said.split('\n').slice(0, 3),
    remedy:
      'Run it in the project’s folder; in a job, GIT_STRATEGY must not be none or empty for this command.',
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
  if (result.kind === 'failed') throw noCommitError(wanted, result.stderr || 'git does not know it');
  const id = result.stdout.toString().trim();
  if (id.length !== 40) {
    throw new DeployError('source-failed', {
      message: 'The repository is of git’s SHA-256 kind, which Dokku’s git does not take.',
      remedy: 'Use a repository of the SHA-1 kind (git init --object-format=sha1).',
    });
  }
  const [seconds, subject = ''] = (await git.text(['show', '--no-patch', '--format=%ct%n%s', id])).split(
    '\n',
  );
  return { id, committedAt: new Date(Number(seconds) * 1_000).toISOString(), subject };
}

function noCommitError(wanted: string | undefined, said: string): DeployError {
  return wanted === undefined
    ? new DeployError('not-a-repository', {
        message: 'The repository has no commit yet.',
        said: [said],
        remedy: 'Commit something, and run it again.',
      })
    : new DeployError('not-a-repository', {
        message: `The commit ${wanted.slice(0, 12)} is not in this clone.`,
        said: [said],
        remedy:
          'The folder may hold another job’s clone (GIT_STRATEGY: none), or GIT_CHECKOUT is off: let the runner fetch the job’s commit.',
      });
}

/** A folder for what is made on the way; a job may have been given a place for it that is not there, or not its own. */
async function createScratchFolder(): Promise<string> {
  try {
    const scratch = await mkdtemp(join(tmpdir(), 'dokku-deploy-'));
    await mkdir(join(scratch, 'objects'));
    return scratch;
  } catch (error) {
    throw new DeployError('source-failed', {
      message: `No temporary folder could be made in ${tmpdir()}.`,
      said: [(error as Error).message],
      remedy: 'Set TMPDIR to a folder that is there and can be written to.',
      cause: error,
    });
  }
}

/**
 * Fetches the rest of a shallow clone's history, from the job's own remote with the job's own credentials.
 *
 * Raises `source-failed`.
 */
export async function unshallow(source: Source, world: ChildEnv): Promise<void> {
  const args = ['fetch', '--quiet', '--unshallow', 'origin'];
  const result = await createGit(source.folder, world).run(args);
  if (result.kind === 'ok' || /does not make sense/.test(result.stderr)) return;
  const failed = gitError(args, result);
  throw new DeployError('source-failed', {
    message: 'The clone is shallow, and the rest of its history could not be fetched.',
    said: failed.said,
    remedy: 'Set GIT_DEPTH: 0 for the job, or leave source.history at snapshot, which needs no history.',
    cause: failed.cause,
  });
}
