import { DeployError } from '../errors.ts';

/** Reads `--report KIND=FILE`, where a command writes one kind of report. Returns the path. Throws `usage`. */
export function readReportPath(value: string | boolean | undefined, kind: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  const path = value.startsWith(`${kind}=`) ? value.slice(kind.length + 1) : '';
  if (path !== '') return path;
  throw new DeployError('usage', {
    message: `--report: ${JSON.stringify(value)} is not a report.`,
    remedy: `Use --report ${kind}=FILE.`,
  });
}
