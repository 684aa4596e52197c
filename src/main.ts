import { run } from './cli/run.ts';
import type { World } from './world.ts';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => stop.abort(signal));
}

// A reader that went away (`dokku-deploy … | head`) is no reason to leave the host half done.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const isBinary = process.execPath === process.argv[1] || !process.argv[1]?.endsWith('.ts');

const world: World = {
  argv: process.argv.slice(2),
  program: isBinary ? [process.execPath] : [process.execPath, process.argv[1] ?? ''],
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  stop: stop.signal,
};

run(world).then(
  async (exitCode) => {
    process.exitCode = exitCode;
    // A host that says nothing any more would hold the process until the runner kills it.
    if (stop.signal.aborted) await flushOutput().finally(() => process.exit());
  },
  (error: unknown) => {
    process.stderr.write(`dokku-deploy: a bug: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);

/** Resolves when all that was written has gone out, or when nobody has read it for a second. */
function flushOutput(): Promise<unknown> {
  const writes = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  return Promise.race([Promise.all(writes), new Promise((resolve) => setTimeout(resolve, 1_000))]);
}
