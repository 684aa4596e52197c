import { Readable } from 'node:stream';
import { DeployError } from '../errors.ts';
import type { Host } from '../ssh/host.ts';
import { openBranch, toShipResult } from './open-branch.ts';
import type { PushProgress } from './receive-pack.ts';
import type { ShipOptions, ShipResult } from './ship-types.ts';
import { streamPack } from './upload-pack.ts';

/** A commit in the repository of an app on another host. */
export interface TransferSource {
  readonly host: Host;
  readonly app: string;
  /** What its host built: the id to push. */
  readonly revision: string;
  /** The commit that it was made from. */
  readonly commit: string;
}

/**
 * Sends a commit from an app on one host to an app on another: what git-upload-pack of the one answers is passed on to
 * git-receive-pack of the other as it arrives. Nothing of a checkout is needed, and nothing is stored here.
 *
 * Throws `release-not-found` if the host no longer has the commit, `host-refused` and `host-not-reached`.
 */
export async function transfer(
  { host: sourceHost, app: from, revision, commit }: TransferSource,
  options: ShipOptions,
): Promise<ShipResult> {
  const version = { commit, revision, base: undefined };
  if (revision === options.running) return { kind: 'nothing-new', ...version };
  const { receivePack, ref, oldId, lines } = await openBranch(options);
  if (revision === oldId) {
    await receivePack.close();
    return { kind: 'nothing-new', ...version };
  }
  const pack = streamPack({ host: sourceHost, app: from, wanted: revision });
  // It fails here, before anything is sent, if the host does not have the commit.
  const first = await pack.next().catch(async (error: unknown) => {
    await receivePack.close();
    throw error;
  });
  const isClear = !first.done && ((await options.beforePush?.(revision, oldId)) ?? true);
  if (!isClear) {
    await pack.return();
    await receivePack.close();
    if (first.done) throw goneError(from, commit);
    return { kind: 'held-back' };
  }
  const progress: PushProgress = { bytes: 0, isComplete: false };
  const update = { ref, oldId, newId: revision };
  const { answer, bytes } = await receivePack.push(
    update,
    Readable.from(joined(first.value, pack)),
    progress,
  );
  return toShipResult(version, { answer, bytes, complete: progress.isComplete }, lines);
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield first;
  yield* rest;
}

function goneError(app: string, commit: string): DeployError {
  return new DeployError('release-not-found', {
    message: `The host no longer has the code of ${commit.slice(0, 8)} in the repository of ${app}. Nothing was changed.`,
    remedy: `Deploy ${commit.slice(0, 8)} from a checkout: dokku-deploy deploy.`,
  });
}
