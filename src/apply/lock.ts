import { unsetConfig } from '../dokku/config.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { DeployError } from '../errors.ts';
import { configWrite } from '../plan/config-write.ts';
import { lockKey } from '../plan/keys.ts';
import { formatLock, type Lock, readLock } from '../plan/lock.ts';
import { limits } from '../ssh/limits.ts';
import { ask, type HostAccess } from './ask.ts';
import { performConfigure } from './steps.ts';
import { askConfig } from './what-runs.ts';

const timeLimit = limits.commandTime;

/** Of two writes at the same time Dokku keeps one, and a deploy writes now and then. */
const maxAttempts = 5;

/**
 * Writes the lock of an app that has none, and makes sure that it is stored. Returns the lock that the app has afterwards: someone
 * else's if they were faster.
 *
 * Throws `busy` if it keeps getting lost, `host-refused`, and what `ask` throws.
 */
export async function writeLock(app: string, lock: Lock, hostAccess: HostAccess): Promise<Lock> {
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    await performConfigure(configWrite(app, { [lockKey]: formatLock(lock) }), hostAccess);
    const written = await askLock(app, hostAccess);
    if (written !== undefined) return written;
  }
  throw interferenceError(app);
}

/** Removes the lock of an app, and makes sure that it is gone. Throws what `writeLock` throws. */
export async function removeLock(app: string, hostAccess: HostAccess): Promise<void> {
  const command = unsetConfig(app, [lockKey]);
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const answer = await ask(command, hostAccess, { timeLimit });
    if (answer.kind === 'refused') throw refusedError(command, answer);
    if ((await askLock(app, hostAccess)) === undefined) return;
  }
  throw interferenceError(app);
}

async function askLock(app: string, hostAccess: HostAccess): Promise<Lock | undefined> {
  return readLock((await askConfig(app, hostAccess)) ?? new Map());
}

function interferenceError(app: string): DeployError {
  return new DeployError('busy', {
    message: `Something else keeps changing the configuration of ${app}: its lock was overwritten ${maxAttempts} times.`,
    remedy: 'Run the command again.',
  });
}
