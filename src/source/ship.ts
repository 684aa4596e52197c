import type { Source, Warning } from '../context/context.ts';
import { formatBase } from './base.ts';
import { checkCompleteness } from './completeness.ts';
import { findHostSnapshot } from './host-snapshot.ts';
import { openBranch, toShipResult } from './open-branch.ts';
import type { ChildEnv } from './process.ts';
import { pushPack } from './push-pack.ts';
import { type ReceivePack, zeroId } from './receive-pack.ts';
import { openRepository, type Repository, unshallow } from './repository.ts';
import { selectFiles } from './selection.ts';
import type { ShipOptions, ShippedVersion, ShipResult } from './ship-types.ts';
import { createSnapshot, type Snapshot } from './snapshot.ts';
import { addUptimeCheck } from './uptime-check.ts';

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
  const { revision } = version;
  const { beforePush } = options;
  const { receivePack, ref, oldId, lines } = await openBranch(options);
  if (revision === oldId) {
    await receivePack.close();
    return { kind: 'nothing-new', ...version };
  }
  const haves = push.sendsAll ? [] : await findHaves(push, { receivePack, oldId, options });
  const manifest = snapshot?.manifest ? [snapshot.manifest.commit] : [];
  const sent = await pushPack(repository, receivePack, {
    update: { ref, oldId, newId: revision },
    wanted: [revision, ...manifest],
    haves,
    beforePush: beforePush && (() => beforePush(revision, oldId)),
    reportUpload: options.reportUpload,
  });
  return sent === undefined ? { kind: 'held-back' } : toShipResult(version, sent, lines);
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
 * Whether the host rejected a push because it lacks what was not sent, or could not tell: another build's work tree that is removed
 * meanwhile makes git's check fail. Git checks before it runs the hook that deploys, and runs the hook anyway
 * (builtin/receive-pack.c).
 */
function lacksObjects(result: ShipResult): boolean {
  if (result.kind !== 'pushed' || result.accepted) return false;
  return /^(missing necessary objects|unpacker error|the host could not unpack)/.test(result.reason ?? '');
}

/**
 * Returns the id that the source's commit would have on the host: the snapshot's, or with the whole history the commit's.
 *
 * Throws `not-a-repository` and `source-failed`.
 */
export function findRevision(source: Source, childEnv: ChildEnv): Promise<string> {
  return withRepository(source, childEnv, async (repository) =>
    source.history === 'full' ? repository.commit.id : (await createSnapshot(repository, source)).id,
  );
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
