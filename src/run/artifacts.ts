import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Warning } from '../context/context.ts';
import { formatDotenv } from '../report/dotenv.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';
import { formatSummary, type RunSummary } from './summary.ts';

interface ArtifactOptions {
  readonly world: Pick<World, 'cwd'>;
  readonly flags: Pick<RunFlags, 'dotenv' | 'facts'>;
  /** Masks secrets: a failure may be told in words that hold one. */
  readonly mask: (text: string) => string;
}

/** Writes what a run leaves for later jobs, its dotenv report and its facts, and says of each file why it could not be written. */
export async function writeArtifacts(
  { world, flags, mask }: ArtifactOptions,
  summary: RunSummary,
): Promise<Warning[]> {
  const files = [
    [flags.dotenv, summaryToDotenv(summary)],
    [flags.facts, mask(formatSummary(summary))],
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

function summaryToDotenv({ app, environment, commit, exitCode, result }: RunSummary): string {
  return formatDotenv({
    app,
    environment,
    commit,
    exitCode,
    url: result?.kind === 'serving' ? result.urls[0] : undefined,
  });
}
