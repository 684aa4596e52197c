import type { DeployError } from '../errors.ts';

/** An expected failure as it is printed: what failed, the words of the host (or of a parser), and what to do next. */
export function formatError(error: DeployError): string {
  const said = error.said.map((line) => `  | ${line}`);
  const remedy = error.remedy ? [`What to do: ${error.remedy}`] : [];
  return [`dokku-deploy: ${error.message}`, ...said, ...remedy].join('\n');
}
