import { formatAddress } from '../access/host-address.ts';
import { type ConfigDifference, findConfigDifferences } from '../plan/config-diff.ts';
import { addHostValues } from '../plan/host-values.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { observe } from './observe-app.ts';
import type { RunContext } from './run-context.ts';

/** The differences between an app and the files of the project, for `--format json`. */
interface ConfigDiff {
  readonly version: 1;
  readonly app: string;
  readonly environment: string | undefined;
  readonly host: string | undefined;
  readonly differences: readonly ConfigDifference[];
}

/**
 * Prints how an app differs from what is declared for it, and changes nothing. Returns the exit code: 10 if it differs and
 * `--exit-code` asks for it. Throws what `observeHost` and `findConfigDifferences` throw.
 */
export async function printConfigDiff(run: RunContext): Promise<number> {
  const { context, reporter, flags } = run;
  const { hostState } = await observe(run);
  if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
  const { app, environment, access } = context;
  const complete = addHostValues(context, hostState);
  reporter.addSecrets(complete.vault.values());
  const differences = findConfigDifferences(complete, hostState);
  const diff: ConfigDiff = {
    version: 1,
    app,
    environment,
    host: access && formatAddress(access.address),
    differences,
  };
  reporter.print(diff, formatText);
  return flags.exitCode && differences.length > 0 ? 10 : 0;
}

function formatText({ app, host, differences }: ConfigDiff): string {
  if (differences.length === 0) return `${app} on ${host} is as declared.\n`;
  const rows = differences.map(({ key, before, after }) =>
    `  ${key}: ${sanitizeText(before)} → ${sanitizeText(after)}`.replace(/\s*\n\s*/g, ' '),
  );
  return [`${app} on ${host} differs (what it has → what is declared):`, ...rows]
    .map((line) => `${line}\n`)
    .join('');
}
