import type { Problem } from '../problems.ts';
import type { Flags } from './flags.ts';

/** In characters. It becomes part of the app's configuration, and of each error about the lock. */
const maxLength = 300;

/** Returns why `lock` locks an app, on one line. Adds a problem for a text that is empty or too long. */
export function resolveLockReason({ reason = '' }: Flags, problems: Problem[]): string {
  const text = reason.replace(/\s+/g, ' ').trim();
  if (text === '')
    problems.push({
      where: 'the reason of the lock',
      message: 'it is empty',
      remedy: 'Name one, for whoever meets the lock: dokku-deploy lock production "the disk is full".',
    });
  if (text.length > maxLength)
    problems.push({
      where: 'the reason of the lock',
      message: `it has ${text.length} characters`,
      remedy: `Use at most ${maxLength}, for example a sentence and the link of an issue.`,
    });
  return text;
}
