import type { Command } from './command.ts';

/**
 * Has an app built from a commit in a repository on the host. Never `--build-if-changes`: Dokku moves the branch before it builds
 * and before it meets its lock, so with that flag, an attempt after a failed one does nothing and succeeds.
 */
export function syncApp(app: string, folder: string, revision: string): Command {
  return { words: ['git:sync', '--build', app, folder, revision] };
}

/** Whether the output shows that the repository lacks the commit, or that there is no repository. */
export function isGone(lines: readonly string[]): boolean {
  return lines.some((line) =>
    /^fatal: .*(not a valid SHA1|not a valid object name|does not appear to be a git repository)|^(error|fatal): .*(bad object|not our ref|did not match any file|unable to read tree)/.test(
      line,
    ),
  );
}
