import type { SkipFlags } from './skip.ts';

/** The flags and arguments that change what a run does. */
export interface Flags extends SkipFlags {
  readonly app?: string | undefined;
  /** The argument of the commands for an environment. */
  readonly environment?: string | undefined;
  readonly config?: string | undefined;
  /** These replace `source.root` and `source.dir`. */
  readonly root?: string | undefined;
  readonly dir?: string | undefined;
  /** Whether a host must be configured. A dry run works without one; `none` ignores it. */
  readonly hostRequirement?: 'required' | 'optional' | 'none';
  readonly rebuild?: boolean | undefined;
  /** Whether the settings are only compared with the host. */
  readonly checkDrift?: boolean | undefined;
  /** Allows `review start` on the project's default branch. */
  readonly allowDefaultBranch?: boolean | undefined;
  readonly allowOlder?: boolean | undefined;
  readonly superseded?: 'fail' | 'ok' | undefined;
  readonly takeOver?: boolean | undefined;
  /** The image to deploy instead of the commit's files. */
  readonly image?: string | undefined;
  /** The archive of the image to deploy. */
  readonly imageArchive?: string | undefined;
  /** What `rollback` goes back to. */
  readonly to?: string | undefined;
  /** The first argument of `promote`, and the app of that environment. */
  readonly from?: string | undefined;
  readonly fromApp?: string | undefined;
  /** The commit that `promote` takes. */
  readonly commit?: string | undefined;
  /** Why `lock` locks the app. */
  readonly reason?: string | undefined;
  readonly duringLock?: boolean | undefined;
  readonly noCreate?: boolean | undefined;
  /** The app whose configuration a review app gets. */
  readonly copyEnvFrom?: string | undefined;
  /** `review stop` removes no app of another name. */
  readonly exact?: boolean | undefined;
  /** `90s`, `20m`, `1h`, or seconds. */
  readonly wait?: string | undefined;
}

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600 };

/** Returns a duration in seconds; undefined for text that isn't one. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([smh]?)$/.exec(text.trim()) ?? [];
  return digits === undefined ? undefined : Number(digits) * (units[unit] ?? 1);
}
