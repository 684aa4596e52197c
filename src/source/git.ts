import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type ChildEnv, type GitProcess, type GitResult, runGit, startGit } from './process.ts';

/** A repository at hand: runs git in it. New objects go to a folder of their own, never into the job's clone. */
export interface Git {
  readonly folder: string;
  /** Gives git's answer, a refusal too. Raises `source-failed` for a git that was ended by a signal: it answered nothing. */
  readonly run: (args: readonly string[], stdin?: string | Uint8Array) => Promise<GitResult>;
  /** Output as text, without its last newline. Raises `source-failed`. */
  readonly text: (args: readonly string[], stdin?: string | Uint8Array) => Promise<string>;
  readonly start: (args: readonly string[], stdin: string) => GitProcess;
  /** Another repository in a folder below, with objects of its own. */
  readonly at: (path: string) => Git;
  /** The same repository with more variables in git's environment. */
  readonly withEnv: (env: Readonly<Record<string, string>>) => Git;
}

export type GitFailure = GitResult & { readonly kind: 'failed' };

/**
 * Whether an error is of a git that SIGTERM or SIGINT ended, or whose own helper was: a runner signals the newest processes
 * first, git before us, and Ctrl-C reaches all of them.
 */
export function wasKilledBySignal(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.code !== 'source-failed') return false;
  const { signal, stderr } = (error.cause ?? {}) as Partial<GitFailure>;
  return signal === 'SIGTERM' || signal === 'SIGINT' || / died of signal (2|15)\b/.test(stderr ?? '');
}

/** Makes a Git for a folder. */
export function createGit(folder: string, world: ChildEnv, env: Readonly<Record<string, string>> = {}): Git {
  const run: Git['run'] = async (args, stdin) => {
    const result = await runGit({ args, cwd: folder, env, stdin }, world);
    if (result.kind === 'failed' && result.signal) throw gitError(args, result);
    return result;
  };
  return {
    folder,
    run,
    text: async (args, stdin) => {
      const result = await run(args, stdin);
      if (result.kind === 'failed') throw gitError(args, result);
      return result.stdout.toString().replace(/\n$/, '');
    },
    start: (args, stdin) => startGit({ args, cwd: folder, env, stdin }, world),
    at: (path) => createGit(join(folder, path), world),
    withEnv: (extraEnv) => createGit(folder, world, { ...env, ...extraEnv }),
  };
}

/** The error for a git that failed, in its own words. */
export function gitError(args: readonly string[], result: GitFailure): DeployError {
  return new DeployError('source-failed', {
    message: `git ${findSubcommand(args)} failed${result.signal ? `: it was ended by ${result.signal}` : ''}.`,
    said: result.stderr.split('\n').filter((line) => line !== ''),
    remedy: result.signal
      ? 'Run the job again; a git that is ended by SIGKILL every time has too little memory.'
      : 'See what git says; the job’s clone may be damaged: run the job again with a fresh one.',
    cause: result,
  });
}

/** git's command, behind its settings. */
function findSubcommand(args: readonly string[]): string | undefined {
  return args.find((word, index) => word !== '-c' && args[index - 1] !== '-c');
}
