import { basename } from 'node:path';
import { run } from './cli/run.ts';
import type { World } from './world.ts';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => stop.abort(signal));
}

// A closed pipe (`dokku-deploy … | head`) must not stop a run halfway.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const isBinary = process.execPath === process.argv[1] || !process.argv[1]?.endsWith('.ts');

const world: World = {
  argv: process.argv.slice(2),
  calledAs: basename(process.argv0),
  program: isBinary ? [process.execPath] : [process.execPath, process.argv[1] ?? ''],
  env: process.env,
  cwd: currentFolder(),
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  stop: stop.signal,
  kill: sendSignal,
  onHangup: (listener) => void process.on('SIGHUP', listener),
};

run(world)
  .catch((error: unknown) => {
    process.stderr.write(`dokku-deploy: bug: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  })
  .then((exitCode) => {
    process.exitCode = exitCode;
    // A connection that the other end does not close would keep the process alive until the runner kills it.
    if (stop.signal.aborted) exitSoon();
    else stop.signal.addEventListener('abort', exitSoon);
  });

/** A folder that was removed while the shell was in it has no path any more; git then finds no repository in `/`. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function exitSoon(): void {
  void flushOutput().finally(() => process.exit());
}

/** Resolves when all output has been written, or after a second if nothing reads it. */
function flushOutput(): Promise<unknown> {
  const writes = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  return Promise.race([Promise.all(writes), new Promise((resolve) => setTimeout(resolve, 1_000))]);
}
