import type { Source } from '../context/context.ts';
import type { Host } from '../ssh/host.ts';
import type { OnLine } from '../ssh/lines.ts';
import { type GitFailure, gitError } from './git.ts';
import type { ChildEnv } from './process.ts';
import { openReceivePack, type ReceivePack, zeroId } from './receive-pack.ts';
import { openRepository, type Repository, unshallow } from './repository.ts';
import { createSnapshot } from './snapshot.ts';

/** The outcome of shipping. */
export type ShipResult =
  | { readonly kind: 'nothing-new'; readonly commit: string }
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
      /** All lines that the host printed. */
      readonly lines: readonly string[];
    }
  /** The connection ended before the answer. `complete`: all was sent, and the host may be building. */
  | { readonly kind: 'cut-off'; readonly complete: boolean };

export interface ShipOptions {
  readonly host: Host;
  readonly app: string;
  /** The deploy branch. */
  readonly branch: string;
  readonly source: Source;
  /** The job's variables that git gets. */
  readonly childEnv: ChildEnv;
  readonly onLine: OnLine;
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
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    options.onLine(line);
  };
  const receivePack = await openReceivePack({ host, app, onLine });
  const ref = `refs/heads/${branch}`;
  const oldId = receivePack.advertisement.refs.get(ref) ?? zeroId;
  const hostId = oldId === zeroId ? undefined : oldId;
  const range =
    source.history === 'full'
      ? await prepareFullHistory(repository, receivePack)
      : await prepareSnapshot(repository, source, hostId);
  if (range.newId === oldId) {
    await receivePack.close();
    return { kind: 'nothing-new', commit: repository.commit };
  }
  const { answer, bytes, complete } = await pushPack(repository, receivePack, { ref, oldId, range });
  if (answer.kind === 'cut-off') return { kind: 'cut-off', complete };
  const reason = answer.kind === 'rejected' ? answer.reason : undefined;
  return {
    kind: 'pushed',
    commit: repository.commit,
    revision: range.newId,
    bytes,
    accepted: answer.kind === 'accepted',
    reason,
    lines,
  };
}

interface PackRange {
  readonly newId: string;
  /** Commits that both the host and the clone have. */
  readonly haves: readonly string[];
}

async function prepareFullHistory(
  repository: Repository,
  { advertisement }: ReceivePack,
): Promise<PackRange> {
  const ids = [...new Set(advertisement.refs.values())];
  const objectTypes =
    ids.length > 0 ? await repository.git.text(['cat-file', '--batch-check'], `${ids.join('\n')}\n`) : '';
  const haves = objectTypes
    .split('\n')
    .flatMap((line) => (line.includes(' commit ') ? [line.slice(0, 40)] : []));
  return { newId: repository.commit, haves };
}

async function prepareSnapshot(
  repository: Repository,
  source: Source,
  hostId: string | undefined,
): Promise<PackRange> {
  const { id, base } = await createSnapshot(repository, source, hostId);
  return { newId: id, haves: base === undefined ? [] : [base] };
}

// Without --shallow, git sends all objects of a parentless commit, because no parent links it to what the host has.
const packArgs = ['pack-objects', '--revs', '--stdout', '--thin', '--shallow', '--delta-base-offset', '-q'];

async function pushPack(
  repository: Repository,
  receivePack: ReceivePack,
  { ref, oldId, range }: { ref: string; oldId: string; range: PackRange },
) {
  const revisions = [range.newId, '--not', ...range.haves].join('\n');
  const packProcess = repository.git.start(packArgs, `${revisions}\n`);
  const [sent, packed] = await Promise.all([
    receivePack.push({ ref, oldId, newId: range.newId }, packProcess.stdout),
    packProcess.result,
  ]).finally(packProcess.kill);
  const complete = packed.kind === 'ok';
  if (complete || sent.answer.kind === 'accepted') return { ...sent, complete };
  if (sent.answer.kind === 'cut-off' && !isGenuineFailure(packed)) return { ...sent, complete };
  throw gitError(packArgs, packed);
}

// Node gives its children sockets instead of pipes, so the other end may be reset.
const brokenPipe = /write error: (Broken pipe|Connection reset)/;

/** Whether git itself failed, rather than being killed or cut off when the host stopped reading. */
function isGenuineFailure({ signal, stderr }: GitFailure): boolean {
  return !signal && !brokenPipe.test(stderr);
}

/** Returns the commit to ship, when it was committed (ISO 8601, UTC), and its subject. Throws what `openRepository` throws. */
export function findCommit(
  source: Source,
  childEnv: ChildEnv,
): Promise<Pick<Repository, 'commit' | 'committedAt' | 'subject'>> {
  return withRepository(source, childEnv, async ({ commit, committedAt, subject }) => ({
    commit,
    committedAt,
    subject,
  }));
}
