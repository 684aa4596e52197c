import { PassThrough, pipeline } from 'node:stream';
import type { Source, Warning } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import type { OnLine } from '../ssh/lines.ts';
import { checkCompleteness } from './completeness.ts';
import { gitError } from './git.ts';
import { createKeptLines } from './kept-lines.ts';
import type { ChildEnv, GitFailure } from './process.ts';
import { openReceivePack, type ReceivePack, zeroId } from './receive-pack.ts';
import { openRepository, type Repository, unshallow } from './repository.ts';
import { selectFiles } from './selection.ts';
import { createSnapshot, recreateHostSnapshot, type Snapshot } from './snapshot.ts';
import { addUptimeCheck } from './uptime-check.ts';

/** The outcome of shipping. */
export type ShipResult =
  | { readonly kind: 'nothing-new'; readonly commit: string; readonly revision: string }
  /** `beforePush` held the push back. */
  | { readonly kind: 'held-back' }
  | {
      readonly kind: 'pushed';
      readonly commit: string;
      /** The id that was pushed: the snapshot's, or with the whole history the commit's. */
      readonly revision: string;
      /** How many bytes of the pack were sent. */
      readonly bytes: number;
      readonly accepted: boolean;
      /** Git's reason for a rejected ref. */
      readonly reason: string | undefined;
      /** The lines that the host printed; of very many, those that matter (`createKeptLines`). */
      readonly lines: readonly string[];
    }
  /** The connection ended before the answer. `complete`: all was sent, and the host may be building. */
  | {
      readonly kind: 'cut-off';
      readonly complete: boolean;
      /** The exit code with which the host ended the push by itself; undefined if the connection was lost. */
      readonly exit: number | undefined;
      /** All lines that the host printed. */
      readonly lines: readonly string[];
    };

/** A push that the host answered. */
export type PushedResult = ShipResult & { readonly kind: 'pushed' };

export interface ShipOptions {
  readonly host: Host;
  readonly app: string;
  /** The deploy branch. */
  readonly branch: string;
  readonly source: Source;
  /** The job's variables that git gets. */
  readonly childEnv: ChildEnv;
  readonly onLine: OnLine;
  /** What is known to run: if it is what would be pushed, the host is not asked. */
  readonly running?: string | undefined;
  /** Called right before the host is asked for the app's repository, which creates an app that does not exist. */
  readonly beforeOpen?: () => Promise<void>;
  /**
   * Called when all is prepared, with the id to push, and whether the branch is missing on the host. The push is made only
   * if it returns true.
   */
  readonly beforePush?: (revision: string, isFirst: boolean) => Promise<boolean>;
}

/**
 * Ships the source's commit to an app's deploy branch over the open connection: as a snapshot, or with its whole
 * history. Only what the host does not have is sent.
 *
 * Throws `not-a-repository`, `source-failed`, `host-refused` and `host-not-reached`.
 */
export async function ship(options: ShipOptions): Promise<ShipResult> {
  const { source, childEnv } = options;
  if (source.history === 'full') {
    const isShallow = await withRepository(source, childEnv, async (repository) => repository.isShallow);
    if (isShallow) await unshallow(source, childEnv);
  }
  return withRepository(source, childEnv, (repository) => shipFrom(repository, options));
}

async function withRepository<Result>(
  source: Source,
  childEnv: ChildEnv,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  await using repository = await openRepository(source, childEnv);
  return await work(repository);
}

async function shipFrom(repository: Repository, options: ShipOptions): Promise<ShipResult> {
  const { host, app, branch, source } = options;
  const lines = createKeptLines();
  const onLine = (line: string): void => {
    lines.push(line);
    options.onLine(line);
  };
  // What fails here must fail before the host creates the app.
  const snapshot = source.history === 'full' ? undefined : await createSnapshot(repository, source);
  const newId = snapshot?.id ?? repository.commit.id;
  const commit = repository.commit.id;
  if (newId === options.running) return { kind: 'nothing-new', commit, revision: newId };
  await options.beforeOpen?.();
  const receivePack = await openReceivePack({ host, app, onLine });
  const ref = `refs/heads/${branch}`;
  const oldId = receivePack.advertisement.refs.get(ref) ?? zeroId;
  if (newId === oldId) {
    await receivePack.close();
    return { kind: 'nothing-new', commit, revision: newId };
  }
  const haves = snapshot
    ? await findSnapshotHaves(repository, snapshot, oldId)
    : await findHistoryHaves(repository, receivePack);
  const range = { newId, haves };
  const sent = await pushPack(repository, receivePack, { ref, oldId, range, beforePush: options.beforePush });
  if (sent === undefined) return { kind: 'held-back' };
  const { answer, bytes, complete } = sent;
  if (answer.kind === 'cut-off') return { ...answer, complete, lines: lines.read() };
  const reason = answer.kind === 'rejected' ? answer.reason : undefined;
  const accepted = answer.kind === 'accepted';
  return { kind: 'pushed', commit, revision: newId, bytes, accepted, reason, lines: lines.read() };
}

interface PackRange {
  readonly newId: string;
  /** Commits that both the host and the clone have. */
  readonly haves: readonly string[];
}

async function findSnapshotHaves(
  repository: Repository,
  { extra }: Snapshot,
  oldId: string,
): Promise<readonly string[]> {
  if (oldId === zeroId) return [];
  return (await recreateHostSnapshot(repository, extra, oldId)) === undefined ? [] : [oldId];
}

async function findHistoryHaves(
  { git }: Repository,
  { advertisement }: ReceivePack,
): Promise<readonly string[]> {
  const ids = [...new Set(advertisement.refs.values())];
  if (ids.length === 0) return [];
  const objects = await git.text(['cat-file', '--batch-check'], `${ids.join('\n')}\n`);
  return objects.split('\n').flatMap((line) => (line.includes(' commit ') ? [line.slice(0, 40)] : []));
}

// Without --shallow, git sends all objects of a parentless commit, because no parent links it to what the host has.
const packArgs = ['pack-objects', '--revs', '--stdout', '--thin', '--shallow', '--delta-base-offset', '-q'];

interface PackPush {
  readonly ref: string;
  readonly oldId: string;
  readonly range: PackRange;
  readonly beforePush: ShipOptions['beforePush'];
}

/** Returns undefined if the push was held back. */
async function pushPack(
  repository: Repository,
  receivePack: ReceivePack,
  { ref, oldId, range, beforePush }: PackPush,
) {
  const revisions = [range.newId, '--not', ...range.haves].join('\n');
  const packProcess = repository.git.start(packArgs, `${revisions}\n`);
  // Git packs while `beforePush` runs, so that the push follows at once. Its output would be lost if nothing read it.
  const pack = pipeline(packProcess.stdout, new PassThrough(), () => {});
  try {
    if (beforePush && !(await beforePush(range.newId, oldId === zeroId))) {
      await receivePack.close();
      return undefined;
    }
    const push = receivePack.push({ ref, oldId, newId: range.newId }, pack);
    const [sent, packed] = await Promise.all([push, packProcess.result]);
    const complete = packed.kind === 'ok';
    if (complete || sent.answer.kind === 'accepted') return { ...sent, complete };
    if (sent.answer.kind === 'cut-off' && !isGenuineFailure(packed)) return { ...sent, complete };
    throw packError(packed);
  } finally {
    packProcess.kill();
  }
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

/** The commit to ship, and the files that its snapshot adds. */
export interface FoundCommit extends Pick<Source, 'extra'> {
  readonly commit: string;
  /** ISO 8601 in UTC. */
  readonly committedAt: string;
  /** The first line of its message. */
  readonly subject: string;
}

/**
 * Finds the commit to ship, and checks that it arrives complete. Returns warnings about what may not, and notes about
 * what is added to it.
 *
 * Throws what `openRepository` and `checkCompleteness` throw.
 */
export function findCommit(
  source: Source,
  childEnv: ChildEnv,
): Promise<{
  readonly found: FoundCommit;
  readonly warnings: readonly Warning[];
  readonly notes: readonly string[];
}> {
  return withRepository(source, childEnv, async (repository) => {
    const { id, committedAt, subject } = repository.commit;
    const warnings = await checkCompleteness(repository, source);
    const selection = await selectFiles(repository, source);
    const { extra, notes } = await addUptimeCheck(repository, source, selection);
    return { found: { commit: id, committedAt, subject, extra }, warnings, notes };
  });
}
