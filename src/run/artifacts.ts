import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Warning } from '../context/context.ts';
import { dotenv } from '../report/dotenv.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';
import { type RunFacts, showFacts } from './summary.ts';

interface Leaving {
  readonly world: Pick<World, 'cwd'>;
  readonly flags: Pick<RunFlags, 'dotenv' | 'facts'>;
  /** Masks secrets: a failure may be told in words that hold one. */
  readonly hide: (text: string) => string;
}

/** Writes what a run leaves for later jobs, its dotenv report and its facts, and says of each file why it could not be written. */
export async function leaveFiles({ world, flags, hide }: Leaving, facts: RunFacts): Promise<Warning[]> {
  const files = [
    [flags.dotenv, dotenvOf(facts)],
    [flags.facts, hide(showFacts(facts))],
  ] as const;
  const warnings: Warning[] = [];
  for (const [path, text] of files) {
    if (path === undefined) continue;
    try {
      await writeFile(resolve(world.cwd, path), text);
    } catch (error) {
      const why = (error as Error).message;
      const message = `it could not be written: ${why}. The work itself is not touched by that.`;
      warnings.push({ about: path, message });
    }
  }
  return warnings;
}

function dotenvOf({ app, environment, commit, exitCode, result }: RunFacts): string {
  return dotenv({
    app,
    environment,
    commit,
    exitCode,
    url: result?.kind === 'serving' ? result.urls[0] : undefined,
  });
}
