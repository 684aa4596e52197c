import type { Source } from '../context/context.ts';
import type { HostState } from '../plan/host-state.ts';
import type { Plan, ShipStep } from '../plan/plan.ts';
import type { ChildEnv } from '../source/process.ts';
import { findRevision } from '../source/ship.ts';

/** What is compared with what runs. */
export interface UnchangedOptions {
  readonly hostState: HostState;
  readonly source: Source;
  readonly childEnv: ChildEnv;
}

/**
 * Returns a note, as a sentence, if applying the plan would change nothing on the host: what it ships runs already, and that is
 * recorded. Undefined if it would, or if that shows only when it is applied.
 *
 * Throws what `findRevision` throws.
 */
export async function describeUnchanged(
  { app, steps }: Pick<Plan, 'app' | 'steps'>,
  options: UnchangedOptions,
): Promise<string | undefined> {
  const step = steps.find(({ kind }) => kind === 'ship') as ShipStep | undefined;
  const follows = (kind: string) => ['ship', 'record', 'check'].includes(kind);
  if (step === undefined || !steps.every(({ kind }) => follows(kind))) return undefined;
  if (step.rebuild || options.hostState.isBuilding === true || !isRecorded(step, options)) return undefined;
  return (await runsAlready(step, options))
    ? `nothing to do: ${app} already runs ${step.commit?.slice(0, 8)}`
    : undefined;
}

/** Whether the record on the app is the one that the step would write. */
function isRecorded({ commit, committedAt, running }: ShipStep, { source }: UnchangedOptions): boolean {
  const { record } = running;
  return (
    record?.url !== undefined &&
    record.commit === commit &&
    record.committedAt === (committedAt ?? source.committedAt)
  );
}

/** Whether what is shipped was deployed last with success, and nothing else was tried since. */
async function runsAlready(
  { shipment, running }: ShipStep,
  { source, childEnv }: UnchangedOptions,
): Promise<boolean> {
  const { record, revision, attempted } = running;
  if (shipment.kind === 'image' || shipment.kind === 'image-archive') {
    return [record?.image, revision].every((one) => one === shipment.image) && record?.revision === attempted;
  }
  // A snapshot takes some work, so what can differ without it is compared first.
  if (record?.image !== undefined || record?.revision !== revision || attempted !== revision) return false;
  return revision === (shipment.kind === 'commit' ? await findRevision(source, childEnv) : shipment.revision);
}
