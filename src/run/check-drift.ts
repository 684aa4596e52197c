import { formatAddress } from '../access/host-address.ts';
import { type Drift, findDrift } from '../plan/drift.ts';
import { sanitizeText } from '../report/sanitize.ts';
import { observe } from './observe-app.ts';
import type { RunContext } from './run-context.ts';

/** The differences between an app and the file, for `--format json`. */
interface DriftReport {
  readonly version: 1;
  readonly app: string;
  readonly host: string | undefined;
  readonly drift: readonly Drift[];
}

/**
 * Prints how the settings of an app differ from the declared ones, and changes nothing. Returns the exit code: 10 if they differ.
 *
 * Throws what `observeHost` and `findDrift` throw.
 */
export async function printDrift(run: RunContext): Promise<number> {
  const { context, reporter } = run;
  const { hostState } = await observe(run);
  if (typeof hostState.app === 'object') reporter.addAppConfig(hostState.app.config);
  const drift = findDrift(context, hostState);
  const { app, access } = context;
  const report: DriftReport = { version: 1, app, host: access && formatAddress(access.address), drift };
  reporter.print(report, formatText);
  return drift.length > 0 ? 10 : 0;
}

function formatText({ app, host, drift }: DriftReport): string {
  if (drift.length === 0) return `${app} on ${host} is as declared.\n`;
  const head = `${app} on ${host} differs from .dokku-deploy.yml (what it has → what is declared):`;
  const rows = drift.map(({ key, before, after, wasApplied }) => {
    const why = wasApplied ? 'changed on the host' : 'not applied yet';
    return `  ${key}: ${sanitizeText(before)} → ${sanitizeText(after)} (${why})`;
  });
  return [head, ...rows].map((line) => `${line}\n`).join('');
}
