import { PassThrough, pipeline } from 'node:stream';
import { DeployError } from '../errors.ts';
import { type Git, gitError } from './git.ts';
import type { GitFailure } from './process.ts';
import type { ReceivePack, RefUpdate } from './receive-pack.ts';
import type { Repository } from './repository.ts';

// Without --shallow, git sends all objects of a parentless commit, because no parent links it to what the host has.
const packArgs = ['pack-objects', '--revs', '--stdout', '--thin', '--shallow', '--delta-base-offset', '-q'];

/** Something that is being sent. */
export interface Upload {
  /** Returns how many bytes were sent. */
  readonly sent: () => number;
  /** Returns about how many bytes will be sent in all; undefined if that is not known. */
  readonly total: () => Promise<number | undefined>;
  readonly isComplete: () => boolean;
}

/** Reports an upload until the result is disposed. */
export type ReportUpload = (upload: Upload) => Disposable;

export interface PackPush {
  readonly update: RefUpdate;
  /** The commits to send. */
  readonly wanted: readonly string[];
  /** Commits that both the host and the clone have. */
  readonly haves: readonly string[];
  /** Called when git packs. The pack is sent only if it returns true. */
  readonly beforePush: (() => Promise<boolean>) | undefined;
  readonly reportUpload: ReportUpload | undefined;
}

/** Packs commits and pushes the first of them. Returns undefined if the push was held back. Throws `source-failed`. */
export async function pushPack(
  { git }: Repository,
  receivePack: ReceivePack,
  { update, wanted, haves, beforePush, reportUpload }: PackPush,
) {
  const revisions = [...wanted, '--not', ...haves];
  const packProcess = git.start(packArgs, `${revisions.join('\n')}\n`);
  // Git packs while `beforePush` runs, so that the push follows at once. Its output would be lost if nothing read it.
  const pack = pipeline(packProcess.stdout, new PassThrough(), () => {});
  try {
    if (beforePush && !(await beforePush())) {
      await receivePack.close();
      return undefined;
    }
    const progress = { bytes: 0, isComplete: false };
    using _report = reportUpload?.({
      sent: () => progress.bytes,
      total: () => estimateSize(git, revisions),
      isComplete: () => progress.isComplete,
    });
    const pushed = receivePack.push(update, pack, progress);
    const [sent, packed] = await Promise.all([pushed, packProcess.result]);
    const complete = packed.kind === 'ok';
    if (complete || sent.answer.kind === 'accepted') return { ...sent, complete };
    if (sent.answer.kind === 'cut-off' && !isGenuineFailure(packed)) return { ...sent, complete };
    throw packError(packed);
  } finally {
    packProcess.kill();
  }
}

/** Returns about how large a pack will be: what its objects take on the disk. */
async function estimateSize(git: Git, revisions: readonly string[]): Promise<number | undefined> {
  const result = await git.run(['rev-list', '--objects', '--disk-usage', ...revisions]);
  return result.kind === 'ok' ? Number(result.stdout.toString()) : undefined;
}

// Node gives its children sockets instead of pipes, so the other end may be reset.
const brokenPipe = /write error: (Broken pipe|Connection reset)/;

/** Whether git itself failed, rather than being killed or cut off when the host stopped reading. */
function isGenuineFailure({ signal, stderr }: GitFailure): boolean {
  return !signal && !brokenPipe.test(stderr);
}

function packError(packed: GitFailure): DeployError {
  if (!/unable to read|missing blob|could not read|bad object/.test(packed.stderr))
    return gitError(packArgs, packed);
  return new DeployError('source-failed', {
    message: 'The clone lacks files of the commit.',
    said: packed.stderr.split('\n').slice(0, 5),
    remedy:
      'A partial clone has only the files that were checked out: remove --filter from GIT_FETCH_EXTRA_FLAGS. Otherwise the clone is damaged: run the job again with GIT_STRATEGY: clone.',
    cause: packed,
  });
}
