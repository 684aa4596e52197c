import { formatAddress } from '../access/host-address.ts';
import { describeLock } from '../plan/lock.ts';
import { describeRelease } from '../plan/rollback.ts';
import { type AppStatus, describeStatus } from '../plan/status.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { observeApp } from './observe-app.ts';
import { formatReleaseTable } from './release-table.ts';
import type { RunContext } from './run-context.ts';

/** The status of an app, for `--format json`. */
interface StatusReport extends AppStatus {
  readonly version: 1;
  readonly host: string | undefined;
}

/**
 * Prints the status of an environment's app, and changes nothing. Returns the exit code, which is 0 whatever the state is.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `observeHost` throws.
 */
export async function printStatus(run: RunContext): Promise<number> {
  const { context, reporter } = run;
  const { app, hostState } = await observeApp(run);
  reporter.addAppConfig(app.config);
  const status: StatusReport = {
    version: 1,
    host: context.access && formatAddress(context.access.address),
    ...describeStatus(context, app, hostState),
  };
  reporter.print(status, formatText, status.urls);
  return 0;
}

function formatText(status: StatusReport): string {
  const { app, host, state, urls, lock, release, releases } = status;
  const rows = [
    ['App', `${app} on ${host}`],
    ['State', state],
    ...urls.map((url) => ['URL', url]),
    ['Runs', describeVersion(status)],
    ...describeDeploy(status),
    ...(lock === undefined ? [] : [['Deploy', describeLock(lock)]]),
  ];
  const head = rows.map(
    ([name, value = '']) => `${`${name}:`.padEnd(8)}${sanitizeText(value).replace(/\s+/g, ' ')}`,
  );
  const table = formatReleaseTable(releases, release);
  const deploys = table.length === 0 ? [] : ['Last deploys:', ...table];
  return [...head, ...deploys].map((line) => `${line}\n`).join('');
}

function describeVersion({ release, commit, revision }: StatusReport): string {
  if (release) return describeRelease(release);
  if (commit !== undefined) return commit.slice(0, 8);
  return revision === undefined ? 'nothing' : `${revision}, which dokku-deploy did not record`;
}

function describeDeploy({ deploying, attempted }: StatusReport): string[][] {
  if (deploying) return [['Deploy', 'one is running']];
  if (attempted === undefined) return [];
  return [
    [
      'Deploy',
      `the last one, of ${attempted.slice(0, 8)}, failed; a restart of the app may start what it built`,
    ],
  ];
}
