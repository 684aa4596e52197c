import { formatAddress } from '../access/host-address.ts';
import { observeHost } from '../apply/observe.ts';
import { type ConfigDifference, findConfigDifferences } from '../plan/config-diff.ts';
import { addInherited } from '../plan/inherit.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { createHostAccess, type RunContext, reportWarnings } from './run-context.ts';

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
  const { context, host, reporter, flags } = run;
  if (!host) throw new Error('the configuration is compared with a host');
  reportWarnings(run);
  const hostState = await observeHost(context, createHostAccess(run, host));
  if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
  const { app, environment, access } = context;
  const inheriting = addInherited(context, hostState);
  reporter.addSecrets(inheriting.vault.values());
  const differences = findConfigDifferences(inheriting, hostState);
  const diff: ConfigDiff = {
    version: 1,
    app,
    environment,
    host: access && formatAddress(access.address),
    differences,
  };
  reporter.print(diff, flags.format === 'json' ? formatJson : formatText);
  return flags.exitCode && differences.length > 0 ? 10 : 0;
}

function formatJson(diff: ConfigDiff): string {
  return `${JSON.stringify(diff, null, 2)}\n`;
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
