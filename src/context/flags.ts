/** What a person typed, as far as it changes what is done. */
export interface Flags {
  readonly app?: string | undefined;
  /** The argument of `deploy`. */
  readonly environment?: string | undefined;
  readonly config?: string | undefined;
  /** Whether a host has to be named: a plan that is only shown can do without, and need not ask one. */
  readonly hostRequirement?: 'required' | 'optional' | 'none';
  readonly rebuild?: boolean | undefined;
  readonly allowOlder?: boolean | undefined;
  readonly noCreate?: boolean | undefined;
  /** `90s`, `20m`, `1h`, or seconds. */
  readonly wait?: string | undefined;
}

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600 };

/** A duration in seconds; undefined for what is none. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([smh]?)$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * (units[unit] ?? 1);
}
