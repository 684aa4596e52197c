import { type Reach, type Stage, StoppedCommand, stagesOf } from './host/stages.ts';

/**
 * A failure of one command.
 *
 * - `refuse`: the channel is refused.
 * - `drop-before`: the connection is cut before the command runs. `drop-during`: it is cut when the output matches `at`,
 *   by default at the first output. `drop-after`: it is cut when the command has run, before its exit code is sent.
 * - `stall`: the command never runs and is never answered. `stall-during`: its output stops after what matches `at`, by
 *   default the first output. `stall-after`: its output is complete, but it never ends.
 * - `answer`: the command does not run, and answers this.
 * - `fail-at`: the command ends at a stage; what it did before stays done. `fail-after`: it does everything and fails
 *   then. By default, both exit with 1.
 * - `disk-full`: the host cannot write files while the command runs.
 * - `kill-build`: the build that the command starts is killed when its output matches `at`. As recorded, the lock stays,
 *   because a process of the build survives; with `keepsLock: false` none does.
 * - `then`: a function is called when the command has run, before its exit code is sent; a promise that it returns holds the
 *   exit code back.
 */
export type Fault =
  | { readonly kind: 'refuse' | 'drop-before' | 'drop-after' | 'stall' | 'stall-after' | 'disk-full' }
  | { readonly kind: 'drop-during' | 'stall-during'; readonly at?: RegExp }
  | { readonly kind: 'answer'; readonly exit: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'fail-at'; readonly stage: Stage; readonly exit?: number; readonly stderr?: string }
  | { readonly kind: 'fail-after'; readonly exit?: number; readonly stderr?: string }
  | { readonly kind: 'kill-build'; readonly at: RegExp; readonly keepsLock?: boolean }
  | { readonly kind: 'then'; readonly call: () => unknown };

/** Which command a fault strikes: the one of this number (from 1), or the first whose line matches. */
export type FaultTrigger = number | RegExp;

/** The faults that wait for their command. Each strikes once. */
export interface Faults {
  readonly inject: (when: FaultTrigger, fault: Fault) => void;
  /** Removes and returns the fault for a command, if there is one. */
  readonly take: (line: string, number: number) => Fault | undefined;
  /** Returns the faults that have not struck yet. */
  readonly pending: () => readonly Fault[];
}

/** Creates an empty list of faults. */
export function createFaults(): Faults {
  const waiting: { readonly when: FaultTrigger; readonly fault: Fault }[] = [];
  return {
    inject: (when, fault) => {
      waiting.push({ when, fault });
    },
    take: (line, number) => {
      const at = waiting.findIndex(({ when }) =>
        typeof when === 'number' ? when === number : when.test(line),
      );
      return at === -1 ? undefined : waiting.splice(at, 1)[0]?.fault;
    },
    pending: () => waiting.map(({ fault }) => fault),
  };
}

/** A fault and its name in a table. */
export interface NamedFault {
  readonly name: string;
  readonly fault: Fault;
}

/** Returns every fault that can strike a command line, so that a test can try them all. */
export function listFaults(line: string): readonly NamedFault[] {
  const stages = stagesOf(line);
  const always: readonly NamedFault[] = [
    { name: 'channel refused', fault: { kind: 'refuse' } },
    { name: 'failed before', fault: { kind: 'answer', exit: 1, stderr: failure } },
    { name: 'failed after', fault: { kind: 'fail-after' } },
    { name: 'lost before', fault: { kind: 'drop-before' } },
    { name: 'lost within', fault: { kind: 'drop-during' } },
    { name: 'lost after', fault: { kind: 'drop-after' } },
    { name: 'stalled before', fault: { kind: 'stall' } },
    { name: 'stalled within', fault: { kind: 'stall-during' } },
    { name: 'stalled after', fault: { kind: 'stall-after' } },
  ];
  return [
    ...always,
    ...stages.map((stage) => ({ name: `failed at ${stage}`, fault: failAt(stage) })),
    ...(stages.length === 0 ? [] : [{ name: 'disk full', fault: { kind: 'disk-full' } as const }]),
  ];
}

function failAt(stage: Stage): Fault {
  // As in Dokku's `destroyApp` (plugins/apps): if the app's folder cannot be removed, it prints a warning and exits with 0.
  if (stage === 'remove-folder') {
    const stderr = ' !     unlinkat /home/dokku: device or resource busy\n';
    return { kind: 'fail-at', stage, exit: 0, stderr };
  }
  return { kind: 'fail-at', stage };
}

/** What Dokku prints when one of its hooks fails without a message of its own. */
const failure = ' !     exit status 1\n';

/** Returns the function that a command calls at each of its stages, and that a fault makes throw. */
export function reachWith(fault: Fault | undefined): Reach {
  if (fault?.kind === 'fail-at')
    return (stage) => {
      if (stage === fault.stage) throw new StoppedCommand(fault.exit ?? 1, fault.stderr ?? failure);
    };
  if (fault?.kind === 'disk-full')
    return (stage) => {
      if (writingStages.has(stage)) throw new StoppedCommand(1, ' !     write: no space left on device\n');
    };
  return () => {};
}

/** The stages that write a file on the host. A push already fails earlier, when git stores its objects. */
const writingStages: ReadonlySet<Stage> = new Set<Stage>([
  'folder',
  'env-file',
  'service-folder',
  'links',
  'build',
  'store',
]);

/** Prints the failure of a command that did everything, and returns its exit code. */
export function failAfter(
  { exit = 1, stderr = failure }: Fault & { kind: 'fail-after' },
  print: (text: string) => void,
): number {
  print(stderr);
  return exit;
}
