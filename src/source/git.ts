import { DeployError } from '../errors.ts';
import {
  type ChildEnv,
  type GitCall,
  type GitFailure,
  type GitProcess,
  type GitResult,
  gitMegabytes,
  runGit,
  startGit,
} from './process.ts';

/** Runs git in one folder. */
export interface Git {
  readonly folder: string;
  /** Runs git to its end. Returns failures too; throws `source-failed` only for a git that was killed. */
  readonly run: (args: readonly string[], stdin?: string | Uint8Array) => Promise<GitResult>;
  /** Returns the output as text, without its last newline. Throws `source-failed`. */
  readonly text: (args: readonly string[], stdin?: string | Uint8Array) => Promise<string>;
  readonly start: (args: readonly string[], stdin: string) => GitProcess;
  /** The same git in another folder. */
  readonly at: (folder: string) => Git;
  /** The same git with more environment variables. */
  readonly withEnv: (env: Readonly<Record<string, string>>) => Git;
}

/**
 * Whether an error comes from a git that SIGTERM or SIGINT killed, or from one whose helper was killed. A runner signals the
 * newest processes first, so git before us, and Ctrl-C reaches all of them.
 */
export function wasKilledBySignal(error: unknown): boolean {
  if (!(error instanceof DeployError) || error.code !== 'source-failed') return false;
  const { signal, exceeded, stderr } = (error.cause ?? {}) as Partial<GitFailure>;
  if (exceeded !== undefined) return false;
  return signal === 'SIGTERM' || signal === 'SIGINT' || / died of signal (2|15)\b/.test(stderr ?? '');
}

/** How git is run: the job's variables, more of its own, and whether it sees the job's configuration (`GitCall`). */
export interface GitOptions extends Pick<GitCall, 'env' | 'settings'> {
  readonly childEnv: ChildEnv;
}

/** Returns a Git for a folder. */
export function createGit(folder: string, options: GitOptions): Git {
  const { childEnv, env, settings } = options;
  const toCall = (args: readonly string[], stdin?: string | Uint8Array): GitCall => ({
    args,
    cwd: folder,
    env,
    stdin,
    settings,
  });
  const run: Git['run'] = async (args, stdin) => {
    const result = await runGit(toCall(args, stdin), childEnv);
    if (result.kind === 'failed' && (result.signal || result.exceeded)) throw gitError(args, result);
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
    start: (args, stdin) => startGit(toCall(args, stdin), childEnv),
    at: (other) => createGit(other, options),
    withEnv: (more) => createGit(folder, { ...options, env: { ...env, ...more } }),
  };
}

/** Returns the error for a git that failed. It quotes git's own output. */
export function gitError(args: readonly string[], result: GitFailure): DeployError {
  return new DeployError('source-failed', {
    message: `git ${findSubcommand(args)} ${explainFailure(result)}.`,
    said: result.stderr.split('\n').filter((line) => line !== ''),
    remedy: adviseOnFailure(result),
    cause: result,
  });
}

/** Finds the git subcommand after the `-c` settings. */
function findSubcommand(args: readonly string[]): string | undefined {
  return args.find((word, index) => word !== '-c' && args[index - 1] !== '-c');
}

function explainFailure({ exceeded, signal }: GitFailure): string {
  if (exceeded === 'time') return 'did not finish in time';
  if (exceeded === 'output') return `printed more than ${gitMegabytes} MB`;
  return signal ? `failed: it was killed by ${signal}` : 'failed';
}

function adviseOnFailure({ exceeded, signal, stderr }: GitFailure): string {
  if (exceeded)
    return 'Check the size of the repository and of the paths in source.include, and the runner’s disk.';
  if (signal)
    return 'Run the job again. If git is killed by SIGKILL each time, the job has too little memory.';
  if (/No space left on device/.test(stderr))
    return 'Free some space, or set TMPDIR to a folder on another disk.';
  return 'Read git’s output above. The job’s clone may be damaged: run the job again with a fresh clone (GIT_STRATEGY: clone).';
}
