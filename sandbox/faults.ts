/**
 * What goes wrong with a command, on order.
 *
 * - `drop-before`: the connection is cut before the command runs; `drop-after`: when it has run and was not answered.
 * - `drop-during`: the connection is cut while the command is speaking: when it says `at`, or anything.
 * - `kill-build`: the build that the command started is killed when it says `at`; the client gets its end.
 * - `stall`: it never answers. `refuse`: the channel is refused.
 * - `answer`: it does not run, and answers this.
 * - `then`: a function is called when it has run, before its answer goes out.
 */
export type Fault =
  | { readonly kind: 'drop-before' | 'drop-after' | 'stall' | 'refuse' }
  | { readonly kind: 'drop-during'; readonly at?: RegExp }
  | { readonly kind: 'kill-build'; readonly at: RegExp }
  | { readonly kind: 'answer'; readonly exit: number; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'then'; readonly call: () => void };

/** Which command a fault strikes: the n-th (from 1), or the first that matches. */
export type FaultTrigger = number | RegExp;

/** The faults that are ordered; each strikes once. */
export interface Faults {
  readonly inject: (when: FaultTrigger, fault: Fault) => void;
  /** Takes the fault for a command, if one is ordered. */
  readonly take: (line: string, number: number) => Fault | undefined;
}

/** Makes an empty order book. */
export function createFaults(): Faults {
  const ordered: { readonly when: FaultTrigger; readonly fault: Fault }[] = [];
  return {
    inject: (when, fault) => {
      ordered.push({ when, fault });
    },
    take: (line, number) => {
      const at = ordered.findIndex(({ when }) =>
        typeof when === 'number' ? when === number : when.test(line),
      );
      return at === -1 ? undefined : ordered.splice(at, 1)[0]?.fault;
    },
  };
}
