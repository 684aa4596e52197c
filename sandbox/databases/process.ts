import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { guardProgram, releaseProgram } from '../process-guard.ts';

/** The output and the exit code of a program. */
export interface ProgramResult {
  readonly exit: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

interface ProgramOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** The program's whole environment, except PATH and LC_ALL. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: Uint8Array | string | undefined;
  /** The user to run as, for a program that refuses to run as root. */
  readonly uid?: number | undefined;
}

/** Runs a program to its end. If it cannot be started, the exit code is 127 and `stderr` has the reason. */
export async function runProgram(options: ProgramOptions): Promise<ProgramResult> {
  const result = await execa(options.file, [...options.args], {
    ...optionsOf(options),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    encoding: 'buffer',
    stripFinalNewline: false,
    timeout: 120_000,
  });
  const stderr = Buffer.from(result.stderr).toString();
  const reason = result.exitCode === undefined ? `${result.shortMessage}\n` : '';
  return { exit: result.exitCode ?? 127, stdout: result.stdout, stderr: `${stderr}${reason}` };
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function optionsOf({ cwd, env, uid }: Pick<ProgramOptions, 'cwd' | 'env' | 'uid'>) {
  return {
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: { PATH: path, LC_ALL: 'C.UTF-8', ...env },
    extendEnv: false,
    reject: false as const,
  };
}

/** A running program. */
export interface Program {
  /** Stops it: with its stop signal first, after 5 s with SIGKILL. */
  readonly stop: () => Promise<void>;
  readonly hasEnded: () => boolean;
}

/** Starts a program whose output goes to a log file. `stopSignal` asks it to shut down. */
export function startProgram(
  words: ProgramOptions & { readonly log: string; readonly stopSignal: NodeJS.Signals },
): Program {
  const log = { file: words.log, append: true } as const;
  const guarded = guardProgram(words.file, words.args, words.stopSignal);
  const child = execa(guarded.file, guarded.args, {
    ...optionsOf(words),
    stdio: [words.input === undefined ? 'ignore' : 'pipe', log, log, guarded.pipe],
    detached: true,
    buffer: false,
    killSignal: words.stopSignal,
    forceKillAfterDelay: 5_000,
  });
  if (words.input !== undefined) child.stdin?.end(words.input);
  let ended = false;
  const end = child.then(() => {
    ended = true;
    releaseProgram(child.pid);
  });
  return {
    hasEnded: () => ended,
    stop: async () => {
      child.kill();
      await end;
    },
  };
}

/** Returns the path of a program, or undefined. `folders` are searched first, then those of this machine's own programs. */
export async function findProgram(
  name: string,
  folders: readonly string[] = [],
  more: readonly string[] = path.split(':'),
): Promise<string | undefined> {
  for (const folder of [...folders, ...more]) {
    const file = join(folder, name);
    const isExecutable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return file;
  }
  return undefined;
}

/** Returns folders like `/usr/lib/postgresql/15/bin`, newest version first. */
export async function versionFolders(root: string): Promise<string[]> {
  const versions = await readdir(root).catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

/** Returns whether something listens on a port of the loopback interface. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

const readyTimeout = 60_000;

/** Waits until a program is ready. Returns false if it ended before that, or took longer than a minute. */
export async function waitUntilReady(program: Program, ask: () => Promise<boolean>): Promise<boolean> {
  for (let waited = 0; waited < readyTimeout; waited += 50) {
    if (program.hasEnded()) return false;
    if (await ask()) return true;
    await sleep(50);
  }
  return false;
}

/** Returns the text of a log file; '' if it does not exist yet. */
export function readLog(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
