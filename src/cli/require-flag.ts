import { DeployError } from '../errors.ts';

/** Returns the value of a flag that a command cannot do without. Throws `usage` if it is missing. */
export function requireFlag(name: string, value: string | boolean | undefined): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new DeployError('usage', {
    message: `--${name} is missing.`,
    remedy: `Run 'dokku-deploy --help' for a list of commands.`,
  });
}
