import type { ValidateFlags } from '../run/validate.ts';
import type { CommandArguments } from './command.ts';
import { readReportPath } from './read-report-path.ts';

/** Returns the flags of `validate`. Throws `usage`. */
export function readValidateFlags({ config, format, report }: CommandArguments['flags']): ValidateFlags {
  return {
    config: typeof config === 'string' ? config : undefined,
    format: format === 'json' ? 'json' : 'text',
    codeQuality: readReportPath(report, 'codequality'),
  };
}
