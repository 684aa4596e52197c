import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { DeployError } from '../errors.ts';

/** A user of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Returns the account of a user. Throws `configuration` if there is none, or if the scripts of jobs must not run as that user. */
export async function findAccount(name: string): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const [, , uid, gid, , home = '/'] =
    lines.map((line) => line.split(':')).find(([user]) => user === name) ?? [];
  if (uid === undefined || gid === undefined)
    throw accountError(name, 'there is no such user in /etc/passwd');
  const account = { name, uid: Number(uid), gid: Number(gid), home };
  const self = userInfo().uid;
  if (account.uid === 0) throw accountError(name, 'the scripts of jobs must not run as root');
  if (account.uid === self)
    throw accountError(name, 'that user runs the driver, so the scripts could read its key');
  if (self !== 0) throw accountError(name, 'only root can run scripts as another user');
  return account;
}

function accountError(name: string, reason: string): DeployError {
  return new DeployError('configuration', {
    message: `executor.run_as of the policy is ${JSON.stringify(name)}: ${reason}.`,
    remedy:
      'Run GitLab Runner as root, and make a user for jobs: useradd --system --no-create-home gitlab-job',
  });
}
