import { formatAddress } from '../access/host-address.ts';
import { describeUnreadableReleases, readReleases } from '../plan/deploy-record.ts';
import { describeLock, type Lock, readLock } from '../plan/lock.ts';
import { findRunningRelease, type Release } from '../plan/releases.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { observeApp } from './observe-app.ts';
import { formatReleaseTable } from './release-table.ts';
import type { RunContext } from './run-context.ts';

/** The releases of an app, for `--format json`. */
interface ReleaseList {
  readonly version: 1;
  readonly app: string;
  readonly environment: string | undefined;
  readonly host: string | undefined;
  /** What the host deployed last with success, its own id; undefined if nothing, or if that was not from git. */
  readonly revision: string | undefined;
  /** Undefined if the app is not locked. */
  readonly lock: Lock | undefined;
  /** The newest first. */
  readonly releases: readonly (Release & { readonly running: boolean })[];
}

/**
 * Prints the releases of an environment's app. Returns the exit code.
 *
 * Throws `host-refused` if there is no such app, `app-not-ours`, and what `observeHost` throws.
 */
export async function printReleases(run: RunContext): Promise<number> {
  const { context, reporter } = run;
  const { app, hostState } = await observeApp(run);
  const { revision } = hostState;
  const releases = readReleases(context.app, app.config);
  for (const warning of describeUnreadableReleases(context.app, app.config))
    reporter.warn(context.app, warning);
  const running = findRunningRelease(releases, revision);
  const list: ReleaseList = {
    version: 1,
    app: context.app,
    environment: context.environment,
    host: context.access && formatAddress(context.access.address),
    revision,
    lock: readLock(app.config),
    releases: releases.map((release) => ({ ...release, running: release === running })),
  };
  reporter.print(list, formatText);
  return 0;
}

function formatText({ app, host, revision, releases, lock }: ReleaseList): string {
  const running = releases.find((release) => release.running);
  const unknown =
    revision === undefined || running
      ? []
      : [`Running: ${revision.slice(0, 8)}, which dokku-deploy did not record`];
  const head = `Releases of ${app} on ${host}: ${releases.length === 0 ? 'none recorded' : `${releases.length}, the newest first`}`;
  const locked = lock === undefined ? [] : [`${app} is ${describeLock(lock)}`];
  const lines = [head, ...formatReleaseTable(releases, running), ...unknown, ...locked];
  return `${lines.map(cleanLine).join('\n')}\n`;
}

function cleanLine(line: string): string {
  return sanitizeText(line).replace(/[\r\n\t]+/g, ' ');
}
