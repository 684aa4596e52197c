import { join } from 'node:path';
import { readLimitedFile, type UnreadableError } from '../environment/read-file.ts';
import type { DeployError } from '../errors.ts';
import { configurationError } from '../problems.ts';

const fileName = 'ci-commit-override';

/**
 * Returns the commit that the project's file names, if there is one.
 *
 * Throws `configuration` for a file that names no commit: the official image would delete the branch on the host.
 */
export async function readCommitOverride(folder: string): Promise<string | undefined> {
  const text = await readText(join(folder, fileName));
  if (text === undefined) return undefined;
  if (!/^[^\s:^~-][^\s:]{0,250}$/.test(text))
    throw overrideError(text === '' ? 'is empty' : 'does not name a commit');
  return text;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readLimitedFile(path)).toString('utf8').trim();
  } catch (error) {
    const { isMissing, message } = error as UnreadableError;
    if (isMissing) return undefined;
    throw overrideError(`cannot be read: ${message}`);
  }
}

function overrideError(message: string): DeployError {
  const remedy = 'Write the id of a commit to it, or remove the file.';
  return configurationError([{ where: fileName, message, remedy }]);
}
