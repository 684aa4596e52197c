import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world.ts';
import type { Account } from './account.ts';

/** How a script ended: its exit code, or the signal's number and 128 as a shell reports it. */
export type ScriptResult = { readonly exit: number } | { readonly failed: string };

interface ScriptOptions {
  /** The path of the script that the runner wrote; only root can read it. */
  readonly path: string;
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its output goes. */
  readonly outputs: Pick<World, 'stdout' | 'stderr'>;
  /** Ends the processes that it leaves. */
  readonly endOthers: () => Promise<void>;
}

/** Milliseconds for which the output of a script is read after its last process has ended. */
const outputTime = 5_000;

/**
 * Runs a script of the runner as another user, with exactly this environment. It comes on the standard input of bash. Its output goes
 * through this process: the runner waits until nothing can write to what it reads, which would be the script if this process is killed.
 */
export async function runScript(options: ScriptOptions): Promise<ScriptResult> {
  const { path, account, env, cwd, outputs, endOthers } = options;
  let script: number;
  try {
    script = openSync(path, 'r');
  } catch (error) {
    return { failed: (error as Error).message };
  }
  try {
    const child = spawn('/bin/bash', [], {
      cwd,
      env: { ...env },
      uid: account.uid,
      gid: account.gid,
      detached: true,
      stdio: [script, 'pipe', 'pipe'],
    });
    const copied = Promise.all([copy(child.stdout, outputs.stdout), copy(child.stderr, outputs.stderr)]);
    const result = await new Promise<ScriptResult>((resolve) => {
      child.once('error', ({ message }) => resolve({ failed: message }));
      child.once('exit', (code, signal) =>
        resolve({ exit: code ?? 128 + (signalNumbers.get(signal ?? '') ?? 9) }),
      );
    });
    await endOthers();
    await Promise.race([copied, sleep(outputTime, undefined, { ref: false })]);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    return result;
  } finally {
    closeSync(script);
  }
}

/** Resolves when all has been copied. If nothing reads the copy, writing ends for the program as well. */
function copy(from: Readable | null, to: Writable): Promise<void> {
  if (!from) return Promise.resolve();
  to.once('error', () => from.destroy());
  return new Promise((resolve) => {
    from.once('close', resolve).pipe(to, { end: false });
  });
}

const signalNumbers: ReadonlyMap<string, number> = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGKILL', 9],
  ['SIGSEGV', 11],
  ['SIGTERM', 15],
]);
