import { resolve } from 'node:path';
import { readLimitedFile } from '../environment/read-file.ts';
import { DeployError } from '../errors.ts';
import { describeGrants, formatGrants } from '../gate/check.ts';
import { findGrants } from '../gate/grants.ts';
import { readIdentity } from '../gate/identity.ts';
import { readPolicy } from '../gate/policy.ts';
import type { World } from '../world.ts';
import type { CommandArguments } from './command.ts';
import { requireFlag } from './require-flag.ts';

/** Prints what a policy allows to a job. Throws `usage` and `configuration`. */
export async function gateCheckCommand(world: World, { flags }: CommandArguments): Promise<number> {
  const policy = await readPolicy(resolve(world.cwd, requireFlag('policy', flags.policy)));
  const claims = await readClaims(requireFlag('identity', flags.identity), world.cwd);
  const grants = findGrants(policy, readIdentity(claims));
  world.stdout.write(
    flags.format === 'json' ? `${JSON.stringify(describeGrants(grants), null, 2)}\n` : formatGrants(grants),
  );
  return 0;
}

/** Reads JSON: the text itself, or the file that it names. */
async function readClaims(given: string, cwd: string): Promise<unknown> {
  if (/^\s*eyJ/.test(given)) {
    throw new DeployError('usage', {
      message: '--identity is a token, and not its claims.',
      remedy: 'Pass the claims as JSON: the second part of the token, decoded from base64url.',
    });
  }
  const remedy = 'It must be JSON, or the path of a JSON file, with the claims of an ID token.';
  try {
    const text = given.trim().startsWith('{')
      ? given
      : (await readLimitedFile(resolve(cwd, given))).toString('utf8');
    return JSON.parse(text);
  } catch (error) {
    throw new DeployError('usage', { message: `--identity: ${(error as Error).message}`, remedy });
  }
}
