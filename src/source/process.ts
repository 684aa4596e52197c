import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';

/** A run of git: its arguments, its folder and its input. */
export interface GitCall {
  readonly args: readonly string[];
  readonly cwd: string;
  /** More environment variables, for example the folder for new objects. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdin?: string | Uint8Array | undefined;
  /** `isolated`, the default: no configuration of the machine, no hooks, no network. `job`: as the job's own git has them. */
  readonly settings?: 'isolated' | 'job' | undefined;
}

export type GitResult =
  | { readonly kind: 'ok'; readonly stdout: Buffer; readonly stderr: string }
  | {
      readonly kind: 'failed';
      /** Undefined if it was killed by a signal or could not be started. */
      readonly exit: number | undefined;
      readonly signal: string | undefined;
      /** The limit that git exceeded, so that we killed it. */
      readonly exceeded: 'time' | 'output' | undefined;
      readonly stderr: string;
    };

export type GitFailure = GitResult & { readonly kind: 'failed' };

/** The job's variables that a child process gets: nothing secret, and not the runner's CUSTOM_ENV_*. */
export interface ChildEnv {
  readonly PATH?: string | undefined;
  readonly HOME?: string | undefined;
}

/** How long a git may run, in minutes: reading objects takes seconds, fetching a long history may take long. */
export const gitMinutes = { isolated: 15, job: 60 } as const;

/** How much a git may print, in megabytes, unless its output is read as a stream. */
export const gitMegabytes = 64;

/** Runs git to its end. A failure of git is returned, not thrown; `exit` is undefined if git is not installed. */
export async function runGit(call: GitCall, childEnv: ChildEnv): Promise<GitResult> {
  const git = startGit(call, childEnv);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > gitMegabytes * 1024 ** 2) break;
    }
  } catch {
    // The result shows how git ended.
  }
  const exceeded = size > gitMegabytes * 1024 ** 2;
  if (exceeded) git.kill();
  const result = await git.result;
  if (exceeded) return toFailure({ exceeded: 'output' });
  return result.kind === 'ok' ? { ...result, stdout: Buffer.concat(chunks) } : result;
}

/** A running git whose output is read while it runs. `result` resolves at its end, without the output. */
export interface GitProcess {
  readonly stdout: Readable;
  readonly result: Promise<GitResult>;
  /** Ends git, if it still runs, and its output. */
  readonly kill: () => void;
}

/** Starts git and returns its output as a stream. */
export function startGit(call: GitCall, childEnv: ChildEnv): GitProcess {
  const { args, cwd, env, stdin = '', settings = 'isolated' } = call;
  const child = spawn('git', args, { cwd, env: { ...buildGitEnv(childEnv, settings), ...env } });
  // Node leaves the streams out if it has no file descriptors for them.
  const stdout = (child.stdout as Readable | undefined) ?? Readable.from([]);
  const stderr: Buffer[] = [];
  let exceeded: GitFailure['exceeded'];
  const end = (): void => {
    child.kill();
    setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
    stdout.destroy();
  };
  const timer = setTimeout(() => {
    exceeded = 'time';
    end();
  }, gitMinutes[settings] * 60_000);
  const result = new Promise<GitResult>((resolve) => {
    child.once('error', ({ message }) => resolve(toFailure({ stderr: message })));
    child.once('close', (exit, signal) => {
      const text = Buffer.concat(stderr).toString().trim();
      if (exit === 0) resolve({ kind: 'ok', stdout: Buffer.alloc(0), stderr: text });
      else
        resolve(toFailure({ exit: exit ?? undefined, signal: signal ?? undefined, exceeded, stderr: text }));
    });
  }).finally(() => clearTimeout(timer));
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < 100) stderr.push(chunk);
  });
  // git may end before it has read everything.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  return { stdout, result, kill: end };
}

function toFailure({ exit, signal, exceeded, stderr = '' }: Partial<GitFailure>): GitFailure {
  return { kind: 'failed', exit, signal, exceeded, stderr: stderr || 'git printed nothing' };
}

function buildGitEnv(
  { PATH, HOME }: ChildEnv,
  settings: NonNullable<GitCall['settings']>,
): Record<string, string> {
  const home = settings === 'job' ? HOME : '/dev/null';
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(home === undefined ? {} : { HOME: home }),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...(settings === 'job' ? {} : isolation),
    ...encodeSettings(settings === 'job' ? [...commonSettings, ...fetchSettings] : commonSettings),
  };
}

/** No configuration but the repository's, the objects as they are stored, and no network. */
const isolation = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // A partial clone would fetch each missing object by itself. Versions before 2.44 only know the second variable.
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
};

// They override the configuration of the clone, which an earlier job on the same runner may have changed.
const commonSettings = [
  // Root may own the clone while the job runs as another user: without this, git refuses every command.
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
] as const;

const fetchSettings = [
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.recurseSubmodules', 'false'],
] as const;

function encodeSettings(settings: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]);
}
