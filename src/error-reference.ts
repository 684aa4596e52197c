import type { DeployError } from './errors.ts';
import { homepage } from './version.ts';

/**
 * Returns the last line of an error message: its exit code, its error code, and the section of docs/errors.md about it.
 *
 * The section is a URL if this copy of the project has a home page on GitLab; else it is a path in the project.
 */
export function formatErrorReference(
  { code, exitCode }: Pick<DeployError, 'code' | 'exitCode'>,
  project: string | undefined = homepage,
): string {
  const base = project && !isPlaceholder(project) ? `${project.replace(/\/+$/, '')}/-/blob/HEAD/` : '';
  return `(exit ${exitCode}, ${code}: ${base}docs/errors.md#${code})`;
}

/** Whether a URL is an example (RFC 2606), which a copy of the project has not replaced. */
function isPlaceholder(url: string): boolean {
  return !URL.canParse(url) || /(^|\.)example(\.(com|net|org))?$/.test(new URL(url).hostname);
}
