import type { Problem } from '../problems.ts';
import { ciSystems, type Env, readVariable } from './ci-systems.ts';
import { listNames, officialVariables } from './official-variables.ts';

/** The variable that names further variables for the hooks. */
export const hookListName = 'DOKKU_DEPLOY_HOOK_VARIABLES';

const machineVariables = ['HOME', 'LANG', 'LC_ALL', 'TERM', 'TMPDIR', 'TZ', 'CI'];

/**
 * Returns the variables of a job that its hooks get: those of the official image and of the CI systems that hold no secret, and those
 * that the job names. `PATH` and the variables of the hook itself are not among them.
 */
export function pickHookEnv(env: Env): Record<string, string> {
  const names = new Set([...machineVariables, ...officialNames(), ...ciNames(), ...listWanted(env)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function officialNames(): string[] {
  return officialVariables.flatMap((variable) => (isKey(variable.name) ? [] : listNames(variable)));
}

/** Whether a variable is about the key, or the login at a gate: no hook gets it, even if the job asks for it. */
function isKey(name: string): boolean {
  return /^(PLUGIN_)?SSH_(PRIVATE_KEY|PASSPHRASE|PASSPRHASE)|^DOKKU_GATE_(KEY|TOKEN)$/.test(name);
}

function ciNames(): string[] {
  return ciSystems.flatMap(({ branch, sourceBranch, commit, project, folder }) =>
    [branch, sourceBranch, commit, ...project, folder].flatMap((name) => name ?? []),
  );
}

function listWanted(env: Env): string[] {
  const list = readVariable(env, hookListName)?.value ?? '';
  return list.split(/[\s,]+/).filter((name) => name !== '');
}

/** Returns a problem for each variable that the job wants to give to its hooks, and that no hook gets. */
export function checkHookVariables(env: Env): Problem[] {
  return listWanted(env)
    .filter(isKey)
    .map((name) => ({
      where: hookListName,
      message: `${name} is not passed to hooks`,
      remedy: 'Remove it from the list: `ssh "$SSH_REMOTE" -- COMMAND` works in a hook without the key.',
    }));
}
