import type { Source, Warning } from '../context/context.ts';
import type { Host } from '../ssh/host.ts';
import type { OnLine } from '../ssh/lines.ts';
import { formatBase } from './base.ts';
import { checkCompleteness } from './completeness.ts';
import { findHostSnapshot, type RecordedSnapshot } from './host-snapshot.ts';
import { createKeptLines } from './kept-lines.ts';
import type { ChildEnv } from './process.ts';
import { pushPack, type ReportUpload } from './push-pack.ts';
import { openReceivePack, type ReceivePack, zeroId } from './receive-pack.ts';
import { openRepository, type Repository, unshallow } from './repository.ts';
import { selectFiles } from './selection.ts';
import { createSnapshot, type Snapshot } from './snapshot.ts';
import { addUptimeCheck } from './uptime-check.ts';

/** What is shipped. */
export interface ShippedVersion {
  readonly commit: string;
  /** The id on the host: the snapshot's, or with the whole history the commit's. */
  readonly revision: string;
  /** What the snapshot was made from, to be recorded: the next push is small if it is known (`RecordedSnapshot`). */
  readonly base: string | undefined;
}

/** The outcome of shipping. */
export type ShipResult =
  | ({ readonly kind: 'nothing-new' } & ShippedVersion)
  /** `beforePush` held the push back. */
  | { readonly kind: 'held-back' }
  | ({
      readonly kind: 'pushed';
      /** How many bytes of the pack were sent. */
      readonly bytes: number;
      readonly accepted: boolean;
      /** Git's reason for a rejected ref. */
      readonly reason: string | undefined;
      /** The lines that the host printed; of very many, those that matter (`createKeptLines`). */
      readonly lines: readonly string[];
    } & ShippedVersion)
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
  readonly reportUpload?: ReportUpload;
  /** What is known to run: if it is what would be pushed, the host is not asked. */
  readonly running?: string | undefined;
  /** Called right before the host is asked for the app's repository, which creates an app that does not exist. */
  readonly beforeOpen?: () => Promise<void>;
  /** What the app records about the snapshot that it runs. */
  readonly recorded?: RecordedSnapshot | undefined;
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
  const { source } = options;
  // What fails here must fail before the host creates the app.
  const snapshot = source.history === 'full' ? undefined : await createSnapshot(repository, source);
  const revision = snapshot?.id ?? repository.commit.id;
  const version = { commit: repository.commit.id, revision, base: snapshot && formatBase(snapshot.base) };
  if (revision === options.running) return { kind: 'nothing-new', ...version };
  const first = await pushVersion({ repository, snapshot, version, sendsAll: false }, options);
  return lacksObjects(first)
    ? pushVersion({ repository, snapshot, version, sendsAll: true }, options)
    : first;
}

interface VersionPush {
  readonly repository: Repository;
  /** Undefined with the whole history. */
  readonly snapshot: Snapshot | undefined;
  readonly version: ShippedVersion;
  /** Whether to send what the host may have, too. */
  readonly sendsAll: boolean;
}

async function pushVersion(push: VersionPush, options: ShipOptions): Promise<ShipResult> {
  const { repository, snapshot, version } = push;
  const { host, app, branch, beforePush } = options;
  const lines = createKeptLines();
  const onLine = (line: string): void => {
    lines.push(line);
    options.onLine(line);
  };
  await options.beforeOpen?.();
  const receivePack = await openReceivePack({ host, app, onLine });
  const ref = `refs/heads/${branch}`;
  const oldId = receivePack.advertisement.refs.get(ref) ?? zeroId;
  if (version.revision === oldId) {
    await receivePack.close();
    return { kind: 'nothing-new', ...version };
  }
  const haves = push.sendsAll ? [] : await findHaves(push, { receivePack, oldId, options });
  const manifest = snapshot?.manifest ? [snapshot.manifest.commit] : [];
  const sent = await pushPack(repository, receivePack, {
    update: { ref, oldId, newId: version.revision },
    wanted: [version.revision, ...manifest],
    haves,
    beforePush: beforePush && (() => beforePush(version.revision, oldId === zeroId)),
    reportUpload: options.reportUpload,
  });
  if (sent === undefined) return { kind: 'held-back' };
  const { answer, bytes, complete } = sent;
  if (answer.kind === 'cut-off') return { ...answer, complete, lines: lines.read() };
  const reason = answer.kind === 'rejected' ? answer.reason : undefined;
  const accepted = answer.kind === 'accepted';
  return { kind: 'pushed', ...version, bytes, accepted, reason, lines: lines.read() };
}

interface HostSide {
  readonly receivePack: ReceivePack;
  readonly oldId: string;
  readonly options: ShipOptions;
}

/** Returns commits whose files the host has. */
async function findHaves(
  { repository, snapshot }: VersionPush,
  { receivePack, oldId, options: { host, app, recorded: record } }: HostSide,
): Promise<readonly string[]> {
  if (snapshot === undefined) return findHistoryHaves(repository, receivePack);
  return oldId === zeroId ? [] : findHostSnapshot(repository, snapshot, { host, app, id: oldId, record });
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

/**
 * Whether the host rejected a push because it lacks what was not sent. Git finds that out before it runs the hook that deploys
 * (builtin/receive-pack.c).
 */
function lacksObjects(result: ShipResult): boolean {
  if (result.kind !== 'pushed' || result.accepted) return false;
  return /^(missing necessary objects|unpacker error|the host could not unpack)/.test(result.reason ?? '');
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
