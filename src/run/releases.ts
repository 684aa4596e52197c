import { formatAddress } from '../access/host-address.ts';
import { observeHost } from '../apply/observe.ts';
import { describeUnreadableReleases, readReleases } from '../plan/deploy-record.ts';
import { checkOwner } from '../plan/environment-owner.ts';
import type { HostState } from '../plan/host-state.ts';
import { describeLock, type Lock, readLock } from '../plan/lock.ts';
import { missingAppError } from '../plan/missing-app.ts';
import { findRunningRelease, type Release } from '../plan/releases.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { formatReleaseTable } from './release-table.ts';
import { createHostAccess, type RunContext, reportWarnings } from './run-context.ts';

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
  const { context, host, reporter, flags } = run;
  if (!host) throw new Error('releases are read from a host');
  reportWarnings(run);
  const list = readReleaseList(run, await observeHost(context, createHostAccess(run, host)));
  reporter.print(list, flags.format === 'json' ? formatJson : formatText);
  return 0;
}

function readReleaseList(
  { context, reporter }: RunContext,
  { app = 'absent', revision }: HostState,
): ReleaseList {
  if (app === 'absent') throw missingAppError(context);
  checkOwner({ ...context, takeOver: false }, app);
  const releases = readReleases(context.app, app.config);
  for (const warning of describeUnreadableReleases(context.app, app.config))
    reporter.warn(context.app, warning);
  const running = findRunningRelease(releases, revision);
  return {
    version: 1,
    app: context.app,
    environment: context.environment,
    host: context.access && formatAddress(context.access.address),
    revision,
    lock: readLock(app.config),
    releases: releases.map((release) => ({ ...release, running: release === running })),
  };
}

function formatJson(list: ReleaseList): string {
  return `${JSON.stringify(list, null, 2)}\n`;
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
