import type { ChangeCounts } from '../plan/count-changes.ts';

/** GitLab cuts larger numbers (lib/gitlab/ci/parsers/terraform/tfplan.rb). */
const maxCount = 999_999;

/**
 * Formats the numbers of a plan as GitLab reads them for a merge request (artifacts:reports:terraform): a JSON object with the
 * keys `create`, `update` and `delete`, all of which it requires.
 */
export function formatTerraformReport(counts: ChangeCounts): string {
  const cut = (count: number) => Math.min(count, maxCount);
  return `${JSON.stringify({ create: cut(counts.create), update: cut(counts.update), delete: cut(counts.delete) })}\n`;
}

/** Whether a text is a report that this tool wrote. */
export function isTerraformReport(text: string): boolean {
  return /^\{"create":\d+,"update":\d+,"delete":\d+\}\n?$/.test(text);
}
