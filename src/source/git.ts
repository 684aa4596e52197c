import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type ChildEnv, type GitProcess, type GitResult, runGit, startGit } from './process.ts';

/** Runs git in one folder. New objects go to a folder of their own, never into the job's clone. */
export interface Git {
  readonly folder: string;
  /** Runs git to its end. Returns failures too; throws `source-failed` only for a git that was killed by a signal. */
  readonly run: (args: readonly string[], stdin?: string | Uint8Array) => Promise<GitResult>;
  /** Returns the output as text, without its last newline. Throws `source-failed`. */
  readonly text: (args: readonly string[], stdin?: string | Uint8Array) => Promise<string>;
  readonly start: (args: readonly string[], stdin: string) => GitProcess;
  /** Git for a repository in a subfolder, with its own objects. */
  readonly at: (path: string) => Git;
  /** Git for the same repository, with more environment variables. */
  readonly withEnv: (env: Readonly<Record<string, string>>) => Git;
}

export type GitFailure = GitResult & { readonly kind: 'failed' };

/**
 * Whether an error comes from a git that SIGTERM or SIGINT killed, or from one whose helper was killed. A runner signals the
 * newest processes first, so git before us, and Ctrl-C reaches all of them.
 */
export function wasKilledBySignal(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.code !== 'source-failed') return false;
  const { signal, stderr } = (error.cause ?? {}) as Partial<GitFailure>;
  return signal === 'SIGTERM' || signal === 'SIGINT' || / died of signal (2|15)\b/.test(stderr ?? '');
}

/** Returns a Git for a folder. */
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

/** Returns the error for a git that failed. It quotes git's own output. */
export function gitError(args: readonly string[], result: GitFailure): DeployError {
  return new DeployError('source-failed', {
    message: `git ${findSubcommand(args)} failed${result.signal ? `: it was killed by ${result.signal}` : ''}.`,
    said: result.stderr.split('\n').filter((line) => line !== ''),
    remedy: result.signal
      ? 'Run the job again. If git is killed by SIGKILL each time, the job has too little memory.'
      : 'Read git’s output above. The job’s clone may be damaged: run the job again with a fresh clone (GIT_STRATEGY: clone).',
    cause: result,
  });
}

/** Finds the git subcommand after the `-c` settings. */
function findSubcommand(args: readonly string[]): string | undefined {
  return args.find((word, index) => word !== '-c' && args[index - 1] !== '-c');
}
