import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Source } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { type Git, gitFailed, gitIn } from './git.ts';
import type { ChildWorld } from './process.ts';

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
export async function openRepository(source: Source, world: ChildWorld): Promise<Repository> {
  const plain = gitIn(source.folder, world);
  const { objects, isShallow } = await find(plain);
  const { id, committedAt, subject } = await resolveCommit(plain, source.commit);
  const scratch = await makeScratch();
  const git = plain.with({
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

interface Found {
  readonly objects: string;
  readonly isShallow: boolean;
}

async function find(git: Git): Promise<Found> {
  const words = ['rev-parse', '--is-shallow-repository', '--git-path', 'objects'];
  const answer = await git.run(words);
  if (answer.kind === 'failed') {
    throw answer.exit === undefined ? noGit(answer.stderr) : noRepository(git.folder, answer.stderr);
  }
  const [shallow, objects = ''] = answer.stdout.toString().trim().split('\n');
  return { isShallow: shallow === 'true', objects: resolve(git.folder, objects) };
}

function noGit(said: string): DeployError {
  return new DeployError('not-a-repository', {
    message: 'The program git was not found, and the code cannot be shipped without it.',
    said: [said],
    remedy: 'Use the dokku-deployer image, or install git on the runner.',
  });
}

function noRepository(folder: string, said: string): DeployError {
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
  const answer = await git.run([
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${wanted ?? 'HEAD'}^{commit}`,
  ]);
  if (answer.kind === 'failed') throw noCommit(wanted, answer.stderr || 'git does not know it');
  const id = answer.stdout.toString().trim();
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

function noCommit(wanted: string | undefined, said: string): DeployError {
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
async function makeScratch(): Promise<string> {
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
export async function deepen(source: Source, world: ChildWorld): Promise<void> {
  const words = ['fetch', '--quiet', '--unshallow', 'origin'];
  const answer = await gitIn(source.folder, world).run(words);
  if (answer.kind === 'ok' || /does not make sense/.test(answer.stderr)) return;
  const failed = gitFailed(words, answer);
  throw new DeployError('source-failed', {
    message: 'The clone is shallow, and the rest of its history could not be fetched.',
    said: failed.said,
    remedy: 'Set GIT_DEPTH: 0 for the job, or leave source.history at snapshot, which needs no history.',
    cause: failed.cause,
  });
}
