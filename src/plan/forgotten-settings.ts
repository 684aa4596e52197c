import { domains, domainsAgain } from '../settings/domains.ts';
import { ports, portsAgain } from '../settings/ports.ts';
import type { Change, Setting } from '../settings/setting.ts';
import { type AppSetting, type PlannedChange, phases } from './setting-state.ts';

/**
 * Adds the declared domains and ports after a change with which Dokku forgets them: one of the proxy, or the first domains of an app
 * that has none. Neither is asked about if the app's mark records it as applied.
 */
export function addForgotten(
  app: string,
  usable: readonly AppSetting[],
  changes: readonly PlannedChange[],
): readonly PlannedChange[] {
  const at = changes.findLastIndex(({ resetsPorts }) => resetsPorts);
  const reset = changes[at];
  if (reset === undefined) return changes;
  const { phase } = reset;
  // A change of its own that follows is enough.
  const written = changes.filter((change, index) => index >= at && !isBefore(change.phase, phase));
  return changes.toSpliced(at + 1, 0, ...writeAgain(domains, domainsAgain), ...writeAgain(ports, portsAgain));

  function writeAgain(setting: Setting, write: WriteAgain): PlannedChange[] {
    const of = usable.find((one) => one.setting === setting);
    const declared = (of?.declared?.declared ?? []) as readonly string[];
    const isWritten = written.some((change) => change.of === of);
    return of === undefined || isWritten || declared.length === 0
      ? []
      : [{ ...write(app, declared, phase), of }];
  }
}

type WriteAgain = (app: string, declared: readonly string[], phase: Change['phase']) => Change;

/** Whether changes of a phase are made before those of another one. */
function isBefore(one: Change['phase'], other: Change['phase']): boolean {
  return phases.indexOf(one) < phases.indexOf(other);
}
