import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type ChildWorld, type GitAnswer, type RunningGit, runGit, startGit } from '../host/process.ts';

/** A repository at hand: runs git in it. New objects go to a folder of their own, never into the job's clone. */
export interface Git {
  readonly folder: string;
  readonly run: (words: readonly string[], stdin?: string | Uint8Array) => Promise<GitAnswer>;
  /** Output as text, without its last newline. Raises `source-failed`. */
  readonly text: (words: readonly string[], stdin?: string | Uint8Array) => Promise<string>;
  readonly start: (words: readonly string[], stdin: string) => RunningGit;
  /** Another repository in a folder below, with objects of its own. */
  readonly at: (path: string) => Git;
  /** The same repository with more variables in git's environment. */
  readonly with: (env: Readonly<Record<string, string>>) => Git;
}

/** The error for a git that failed, in its own words. */
export const gitFailed = (words: readonly string[], answer: GitAnswer & { kind: 'failed' }): DeployError =>
  new DeployError('source-failed', {
    message: `git ${words[0]} failed${answer.signal ? `: it was ended by ${answer.signal}` : ''}.`,
    said: answer.stderr.split('\n').filter((line) => line !== ''),
    remedy: 'See what git says; the job’s clone may be damaged: run the job again with a fresh one.',
    cause: answer,
  });

/** Makes a Git for a folder. */
export const gitIn = (folder: string, world: ChildWorld, env: Readonly<Record<string, string>> = {}): Git => {
  const run: Git['run'] = (words, stdin) => runGit({ words, cwd: folder, env, stdin }, world);
  return {
    folder,
    run,
    text: async (words, stdin) => {
      const answer = await run(words, stdin);
      if (answer.kind === 'failed') throw gitFailed(words, answer);
      return answer.stdout.toString().replace(/\n$/, '');
    },
    start: (words, stdin) => startGit({ words, cwd: folder, env, stdin }, world),
    at: (path) => gitIn(join(folder, path), world),
    with: (more) => gitIn(folder, world, { ...env, ...more }),
  };
};
