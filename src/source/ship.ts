import type { Source } from '../context/context.ts';
import type { Host } from '../ssh/host.ts';
import { type FailedGit, gitFailed } from './git.ts';
import type { ChildWorld } from './process.ts';
import { openReceivePack, type Receiving, zeroId } from './receive-pack.ts';
import { deepen, openRepository, type Repository } from './repository.ts';
import { makeSnapshot } from './snapshot.ts';

/** What came of shipping. */
export type Shipped =
  | { readonly kind: 'nothing-new'; readonly commit: string }
  | {
      readonly kind: 'pushed';
      readonly commit: string;
      /** Bytes of pack that were sent. */
      readonly bytes: number;
      readonly accepted: boolean;
      /** Git's own reason for a rejected ref. */
      readonly reason: string | undefined;
      /** All lines that the host said. */
      readonly lines: readonly string[];
    }
  /** `whole`: all was sent, and the host may be building. */
  | { readonly kind: 'cut-off'; readonly whole: boolean };

export interface Shipping {
  readonly host: Host;
  readonly app: string;
  /** The deploy branch. */
  readonly branch: string;
  readonly source: Source;
  /** What git may have of the job's environment. */
  readonly child: ChildWorld;
  readonly onLine: (line: string) => void;
}

/**
 * Ships the source's commit to the deploy branch of an app on the open connection: a snapshot of it, or its whole
 * history. Only what the host does not have is sent.
 *
 * Raises `not-a-repository`, `source-failed`, `host-refused`, `host-not-reached`.
 */
export async function ship(shipping: Shipping): Promise<Shipped> {
  const { source, child } = shipping;
  if (source.history === 'full') {
    const isShallow = await usingRepository(source, child, async (repository) => repository.isShallow);
    if (isShallow) await deepen(source, child);
  }
  return usingRepository(source, child, (repository) => shipFrom(repository, shipping));
}

async function usingRepository<Result>(
  source: Source,
  child: ChildWorld,
  work: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  await using repository = await openRepository(source, child);
  return await work(repository);
}

async function shipFrom(repository: Repository, shipping: Shipping): Promise<Shipped> {
  const { host, app, branch, source } = shipping;
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    shipping.onLine(line);
  };
  const receiving = await openReceivePack({ host, app, onLine });
  const ref = `refs/heads/${branch}`;
  const oldId = receiving.advertisement.refs.get(ref) ?? zeroId;
  const hostId = oldId === zeroId ? undefined : oldId;
  const parcel =
    source.history === 'full'
      ? await fullHistory(repository, receiving)
      : await snapshot(repository, source, hostId);
  if (parcel.newId === oldId) {
    await receiving.leave();
    return { kind: 'nothing-new', commit: repository.commit };
  }
  const { answer, bytes, whole } = await push(repository, receiving, { ref, oldId, parcel });
  if (answer.kind === 'cut-off') return { kind: 'cut-off', whole };
  const reason = answer.kind === 'rejected' ? answer.reason : undefined;
  return {
    kind: 'pushed',
    commit: repository.commit,
    bytes,
    accepted: answer.kind === 'accepted',
    reason,
    lines,
  };
}

interface Parcel {
  readonly newId: string;
  /** Ids that the host has and that are here too. */
  readonly has: readonly string[];
}

async function fullHistory(repository: Repository, { advertisement }: Receiving): Promise<Parcel> {
  const ids = [...new Set(advertisement.refs.values())];
  const checked =
    ids.length > 0 ? await repository.git.text(['cat-file', '--batch-check'], `${ids.join('\n')}\n`) : '';
  const has = checked.split('\n').flatMap((line) => (line.includes(' commit ') ? [line.slice(0, 40)] : []));
  return { newId: repository.commit, has };
}

async function snapshot(repository: Repository, source: Source, hostId: string | undefined): Promise<Parcel> {
  const { id, base } = await makeSnapshot(repository, source, hostId);
  return { newId: id, has: base === undefined ? [] : [base] };
}

// Without --shallow git sends a parentless commit whole, since nothing links it to what the host has.
const packWords = ['pack-objects', '--revs', '--stdout', '--thin', '--shallow', '--delta-base-offset', '-q'];

async function push(
  repository: Repository,
  receiving: Receiving,
  { ref, oldId, parcel }: { ref: string; oldId: string; parcel: Parcel },
) {
  const revisions = [parcel.newId, '--not', ...parcel.has].join('\n');
  const packing = repository.git.start(packWords, `${revisions}\n`);
  const [sent, packed] = await Promise.all([
    receiving.push({ ref, oldId, newId: parcel.newId }, packing.stdout),
    packing.ended,
  ]).finally(packing.kill);
  const whole = packed.kind === 'ok';
  if (whole || sent.answer.kind === 'accepted') return { ...sent, whole };
  if (sent.answer.kind === 'cut-off' && !failedByItself(packed)) return { ...sent, whole };
  throw gitFailed(packWords, packed);
}

// Node gives its children sockets for pipes, whose other end may be reset.
const nobodyReads = /write error: (Broken pipe|Connection reset)/;

/** Whether git's failure is its own: where nobody reads on, it is ended by a signal or cannot write. */
function failedByItself({ signal, stderr }: FailedGit): boolean {
  return !signal && !nobodyReads.test(stderr);
}

/** The commit that would be shipped, when it was committed (ISO 8601, UTC), and its subject. Raises as `openRepository` does. */
export function findCommit(
  source: Source,
  child: ChildWorld,
): Promise<Pick<Repository, 'commit' | 'committedAt' | 'subject'>> {
  return usingRepository(source, child, async ({ commit, committedAt, subject }) => ({
    commit,
    committedAt,
    subject,
  }));
}
