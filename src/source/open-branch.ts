import { createKeptLines, type KeptLines } from './kept-lines.ts';
import { openReceivePack, type PushResult, type ReceivePack, zeroId } from './receive-pack.ts';
import type { ShipOptions, ShippedVersion, ShipResult } from './ship-types.ts';

/** The deploy branch of an app, ready for a push. */
export interface OpenBranch {
  readonly receivePack: ReceivePack;
  /** The full name of the branch. */
  readonly ref: string;
  /** What it points to; `zeroId` if the host does not have it. */
  readonly oldId: string;
  /** The lines that the host prints. */
  readonly lines: KeptLines;
}

/** Opens the deploy branch of an app on the host. Throws what `openReceivePack` throws. */
export async function openBranch({
  host,
  app,
  branch,
  onLine,
  beforeOpen,
}: Pick<ShipOptions, 'host' | 'app' | 'branch' | 'onLine' | 'beforeOpen'>): Promise<OpenBranch> {
  const lines = createKeptLines(onLine);
  await beforeOpen?.();
  const receivePack = await openReceivePack({ host, app, onLine: lines.push });
  const ref = `refs/heads/${branch}`;
  return { receivePack, ref, oldId: receivePack.advertisement.refs.get(ref) ?? zeroId, lines };
}

/** A pack that was sent, and the host's answer. `complete`: all of it was sent. */
interface SentPack {
  readonly answer: PushResult;
  readonly bytes: number;
  readonly complete: boolean;
}

/** Returns the outcome of a push. */
export function toShipResult(
  version: ShippedVersion,
  { answer, bytes, complete }: SentPack,
  lines: KeptLines,
): ShipResult {
  if (answer.kind === 'cut-off') return { ...answer, complete, lines: lines.read() };
  const accepted = answer.kind === 'accepted';
  const reason = answer.kind === 'rejected' ? answer.reason : undefined;
  return { kind: 'pushed', ...version, bytes, accepted, reason, lines: lines.read() };
}
