import type { DeployError } from '../errors.ts';

/** Formats an expected failure: what failed, the output of the host or of a parser, and what to do next. */
export function formatError(error: DeployError): string {
  const said = error.said.map((line) => `  | ${line}`);
  const remedy = error.remedy ? [`What to do: ${error.remedy}`] : [];
  return [`dokku-deploy: ${error.message}`, ...said, ...remedy].join('\n');
}
