import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type ChildWorld, type GitAnswer, type RunningGit, runGit, startGit } from './process.ts';

/** A repository at hand: runs git in it. New objects go to a folder of their own, never into the job's clone. */
export interface Git {
  readonly folder: string;
  /** Gives git's answer, a refusal too. Raises `source-failed` for a git that was ended by a signal: it answered nothing. */
  readonly run: (words: readonly string[], stdin?: string | Uint8Array) => Promise<GitAnswer>;
  /** Output as text, without its last newline. Raises `source-failed`. */
  readonly text: (words: readonly string[], stdin?: string | Uint8Array) => Promise<string>;
  readonly start: (words: readonly string[], stdin: string) => RunningGit;
  /** Another repository in a folder below, with objects of its own. */
  readonly at: (path: string) => Git;
  /** The same repository with more variables in git's environment. */
  readonly with: (env: Readonly<Record<string, string>>) => Git;
}

export type FailedGit = GitAnswer & { readonly kind: 'failed' };

/**
 * Whether an error is of a git that SIGTERM or SIGINT ended, or whose own helper was: a runner signals the newest processes
 * first, git before us, and Ctrl-C reaches all of them.
 */
export function endedBySignal(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.code !== 'source-failed') return false;
  const { signal, stderr } = (error.cause ?? {}) as Partial<FailedGit>;
  return signal === 'SIGTERM' || signal === 'SIGINT' || / died of signal (2|15)\b/.test(stderr ?? '');
}

/** Makes a Git for a folder. */
export function gitIn(folder: string, world: ChildWorld, env: Readonly<Record<string, string>> = {}): Git {
  const run: Git['run'] = async (words, stdin) => {
    const answer = await runGit({ words, cwd: folder, env, stdin }, world);
    if (answer.kind === 'failed' && answer.signal) throw gitFailed(words, answer);
    return answer;
  };
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
}

/** The error for a git that failed, in its own words. */
export function gitFailed(words: readonly string[], answer: FailedGit): DeployError {
  return new DeployError('source-failed', {
    message: `git ${commandOf(words)} failed${answer.signal ? `: it was ended by ${answer.signal}` : ''}.`,
    said: answer.stderr.split('\n').filter((line) => line !== ''),
    remedy: answer.signal
      ? 'Run the job again; a git that is ended by SIGKILL every time has too little memory.'
      : 'See what git says; the job’s clone may be damaged: run the job again with a fresh one.',
    cause: answer,
  });
}

/** git's command, behind its settings. */
function commandOf(words: readonly string[]): string | undefined {
  return words.find((word, index) => word !== '-c' && words[index - 1] !== '-c');
}
