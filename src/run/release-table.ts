import { nameRelease } from '../plan/release-name.ts';
import type { Release } from '../plan/releases.ts';
import { sanitizeText } from '../report/sanitize.ts';

/** Formats releases as lines of a table: number, commit, time, outcome, origin, and who started it in which job. */
export function formatReleaseTable(releases: readonly Release[], running: Release | undefined): string[] {
  const rows = releases.map((release) =>
    formatRow(release, { releases, isRunning: release.number === running?.number }),
  );
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function formatRow(
  release: Release,
  { releases, isRunning }: { readonly releases: readonly Release[]; readonly isRunning: boolean },
): string[] {
  const { number, at, outcome, origin, user, job } = release;
  return [
    String(number).padStart(3),
    nameRelease(release, releases),
    at === undefined ? 'unknown time' : `${at.slice(0, 16).replace('T', ' ')} UTC`,
    isRunning ? 'running' : outcome,
    describeOrigin(origin),
    [user === undefined ? '' : `by ${user}`, job ?? ''].filter((part) => part !== '').join(', '),
  ].map(cleanCell);
}

function describeOrigin(origin: Release['origin']): string {
  if (origin.kind === 'rollback') return `rollback to ${origin.to}`;
  return origin.kind === 'promote' ? `from ${origin.from}` : '';
}

/** Names come from the app's configuration: none may break a line. */
function cleanCell(text: string): string {
  return sanitizeText(text).replace(/[\r\n\t]/g, ' ');
}
