import { formatErrorReference } from '../error-reference.ts';
import type { DeployError } from '../errors.ts';

/** Formats an expected failure: what failed, the output of the host or of a parser, what to do next, and a link. */
export function formatError(error: DeployError): string {
  const said = error.said.map((line) => `  | ${line}`);
  const remedy = error.remedy ? [`What to do: ${error.remedy}`] : [];
  return [`dokku-deploy: ${error.message}`, ...said, ...remedy, formatErrorReference(error)].join('\n');
}
