import type { Problem } from '../problems.ts';
import { checkKey } from './values.ts';

/** The keys in which this tool records whose an app is. */
const ownPrefix = 'DOKKU_DEPLOY_';

/** Returns why a key must not be in an app's configuration; undefined for a valid one. */
export function checkConfigKey(key: string): Pick<Problem, 'message' | 'remedy'> | undefined {
  const invalid = checkKey(key);
  if (invalid) return { message: `the key ${invalid}`, remedy: 'Rename it.' };
  if (key.startsWith(ownPrefix)) {
    return {
      message: `keys with ${ownPrefix} are reserved: they record which project and branch an app belongs to`,
      remedy: 'Remove it, or rename it.',
    };
  }
  if (key === 'GIT_REV') {
    return {
      message: 'Dokku writes this key itself in each deploy',
      remedy: 'Use another name, for example COMMIT: $CI_COMMIT_SHA.',
    };
  }
  return undefined;
}
