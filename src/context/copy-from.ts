import type { Problem } from '../problems.ts';
import type { Flags } from './flags.ts';
import { checkEnvironmentAppName } from './name-rules.ts';

/** The app whose configuration a review app gets, without what leads to its data. */
export interface CopyFrom {
  readonly app: string;
  /** Whether it also gets services of the same kinds, since the project lists none. */
  readonly takesServices: boolean;
}

/** Returns which app's configuration a review app gets. Adds a problem for a name that no other app can have. */
export function resolveCopyFrom(
  { copyEnvFrom: from }: Flags,
  { app, hasServices }: { readonly app: string; readonly hasServices: boolean },
  problems: Problem[],
): CopyFrom | undefined {
  if (from === undefined) return undefined;
  const wrong = checkEnvironmentAppName(from) ?? (from === app ? 'is the review app itself' : undefined);
  if (wrong !== undefined) {
    const message = `${JSON.stringify(from.slice(0, 140))} ${wrong}`;
    problems.push({ where: '--copy-env-from', message, remedy: 'Name the app of an environment.' });
  }
  return { app: from, takesServices: !hasServices };
}
