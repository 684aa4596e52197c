import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Account } from './account.ts';

/** How a script ended: its exit code, or the signal's number and 128 as a shell reports it. */
export type ScriptResult = { readonly exit: number } | { readonly failed: string };

interface ScriptOptions {
  /** The path of the script that the runner wrote; only root can read it. */
  readonly path: string;
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Runs a script of the runner as another user, with exactly this environment. It comes on the standard input of bash. */
export function runScript({ path, account, env, cwd }: ScriptOptions): Promise<ScriptResult> {
  let script: number;
  try {
    script = openSync(path, 'r');
  } catch (error) {
    return Promise.resolve({ failed: (error as Error).message });
  }
  try {
    const child = spawn('/bin/bash', [], {
      cwd,
      env: { ...env },
      uid: account.uid,
      gid: account.gid,
      detached: true,
      stdio: [script, 'inherit', 'inherit'],
    });
    return new Promise<ScriptResult>((resolve) => {
      child.once('error', ({ message }) => resolve({ failed: message }));
      child.once('exit', (code, signal) =>
        resolve({ exit: code ?? 128 + (signalNumbers.get(signal ?? '') ?? 9) }),
      );
    });
  } finally {
    closeSync(script);
  }
}

const signalNumbers: ReadonlyMap<string, number> = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGKILL', 9],
  ['SIGSEGV', 11],
  ['SIGTERM', 15],
]);
