import type { Readable } from 'node:stream';
import { execa } from 'execa';

/** A run of git: its arguments, its folder and its input. */
export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  /** More environment variables, for example the folder for new objects. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | Uint8Array | undefined;
}

export type GitResult =
  | { readonly kind: 'ok'; readonly stdout: Buffer }
  | {
      readonly kind: 'failed';
      /** Undefined if it was killed by a signal or could not be started. */
      readonly exit: number | undefined;
      readonly signal: string | undefined;
      readonly stderr: string;
    };

/** The job's variables that a child process gets: nothing secret, and not the runner's CUSTOM_ENV_*. */
export interface ChildEnv {
  readonly PATH?: string | undefined;
  readonly HOME?: string | undefined;
}

/** Runs git to its end. A failure of git is returned, not thrown; `exit` is undefined if git is not installed. */
export async function runGit(call: GitCall, world: ChildEnv): Promise<GitResult> {
  const result = await execa('git', call.args, {
    cwd: call.cwd,
    env: { ...buildGitEnv(world), ...call.env },
    extendEnv: false,
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 1024 ** 3,
    ...(call.stdin === undefined ? { stdin: 'ignore' } : { input: call.stdin }),
  });
  if (!result.failed) return { kind: 'ok', stdout: Buffer.from(result.stdout) };
  const stderr = result.stderr ? Buffer.from(result.stderr).toString().trim() : '';
  return {
    kind: 'failed',
    exit: result.exitCode,
    signal: result.signal,
    stderr: stderr || result.shortMessage || 'git printed nothing',
  };
}

function buildGitEnv({ PATH, HOME }: ChildEnv): Record<string, string> {
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // Root owns the clone, and the job may run as another user: without this, git refuses every command.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
}

/** A running git whose output is read while it runs. `result` resolves at its end, without the output. */
export interface GitProcess {
  readonly stdout: Readable;
  readonly result: Promise<GitResult>;
  readonly kill: () => void;
}

/** Starts git and returns its output as a stream. */
export function startGit(call: GitCall, world: ChildEnv): GitProcess {
  const child = execa('git', call.args, {
    cwd: call.cwd,
    env: { ...buildGitEnv(world), ...call.env },
    extendEnv: false,
    reject: false,
    buffer: { stdout: false },
    encoding: 'buffer',
    input: call.stdin ?? '',
  });
  const ended = child.then((result): GitResult => {
    if (!result.failed) return { kind: 'ok', stdout: Buffer.alloc(0) };
    const stderr = Buffer.from(result.stderr ?? [])
      .toString()
      .trim();
    return { kind: 'failed', exit: result.exitCode, signal: result.signal, stderr };
  });
  return { stdout: child.stdout, result: ended, kill: () => child.kill() };
}

/** How a program that shares our standard streams ended. */
export type InheritedResult =
  | { readonly kind: 'ended'; readonly exit: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Starts a program that shares our standard streams. */
export function startInherited(
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): { readonly ended: Promise<InheritedResult>; readonly kill: (signal: string) => void } {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    stdio: 'inherit',
    forceKillAfterDelay: 20_000,
  });
  const ended = child.then((result): InheritedResult => {
    if (result.exitCode !== undefined) return { kind: 'ended', exit: result.exitCode };
    if (result.signal !== undefined) return { kind: 'ended', exit: result.signal === 'SIGINT' ? 130 : 143 };
    return { kind: 'failed', reason: result.originalMessage ?? result.shortMessage ?? 'no reason given' };
  });
  return { ended, kill: (signal) => child.kill(signal as NodeJS.Signals) };
}
