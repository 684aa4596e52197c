import { DeployError } from '../errors.ts';
import { checkEnvironment } from '../init/checks.ts';
import type { ImportFlags } from '../run/import-app.ts';
import type { RunFlags } from '../run/run-flags.ts';
import type { CommandArguments } from './command.ts';
import { readRunFlags } from './read-run-flags.ts';

/** Returns the arguments of `import`. Throws `usage`. */
export function readImportFlags({ flags, positional }: CommandArguments): ImportFlags {
  const { environment } = flags;
  const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
  const wrong = typeof environment === 'string' ? checkEnvironment(environment) : undefined;
  if (wrong)
    throw new DeployError('usage', { message: `--environment: ${JSON.stringify(environment)} ${wrong}.` });
  return {
    app: positional[0] ?? '',
    environment: text(environment),
    host: text(flags.host),
    output: text(flags.output),
  };
}

/** Returns the flags of `config diff`: it observes what `deploy` would. */
export function readConfigDiffFlags({ flags, positional }: CommandArguments): RunFlags {
  const { exitCode, ...others } = flags;
  return {
    ...readRunFlags({ flags: { ...others, checkDrift: true }, positional }, 'deploy'),
    configDiff: true,
    exitCode: exitCode === true,
  };
}
