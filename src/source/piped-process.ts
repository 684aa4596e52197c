import { spawn } from 'node:child_process';
import { type OnLine, splitLines } from '../ssh/lines.ts';
import type { InheritedResult } from './inherited-process.ts';

export interface PipedOptions {
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives what it prints, on either stream. */
  readonly onLine: OnLine;
  readonly stop: AbortSignal;
}

/** Runs a program without an input, passes on the lines that it prints, and stops it if we are stopped. */
export async function runPiped(
  [program = '', ...args]: readonly string[],
  { cwd, env, onLine, stop }: PipedOptions,
): Promise<InheritedResult> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outputs = [child.stdout, child.stderr].map((stream) => ({ stream, lines: splitLines(onLine) }));
  for (const { stream, lines } of outputs) stream.on('data', lines.push);
  child.once('exit', () => {
    setTimeout(() => {
      for (const { stream } of outputs) stream.destroy();
    }, outputGracePeriod).unref();
  });
  const onStop = (): void => {
    child.kill(stop.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), killDelay).unref();
  };
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  const result = await new Promise<InheritedResult>((resolve) => {
    child.once('error', ({ message }) => resolve({ kind: 'failed', reason: message }));
    child.once('close', (exit, signal) => {
      const bySignal = signal === 'SIGINT' ? 130 : 143;
      resolve({ kind: 'ended', exit: exit ?? bySignal });
    });
  });
  stop.removeEventListener('abort', onStop);
  for (const { lines } of outputs) lines.end();
  return result;
}

/** Milliseconds that the output of a program is read after its end: what it left in the background may keep it open. */
const outputGracePeriod = 1_000;

/** Milliseconds between the stop signal and SIGKILL. A runner kills us after six seconds. */
const killDelay = 4_000;
