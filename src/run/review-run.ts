import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { observeHost } from '../apply/observe.ts';
import { runInContainer } from '../apply/one-off.ts';
import { askConfig } from '../apply/what-runs.ts';
import { parseDuration } from '../context/flags.ts';
import { buildSshLine } from '../dokku/command.ts';
import { maxRunLine, maxTtl, type OneOffScript, quoteCommand, runOneOff } from '../dokku/run.ts';
import { DeployError } from '../errors.ts';
import { findReviewApp } from '../plan/review-run.ts';
import type { World } from '../world.ts';
import type { Reporter } from './reporter-types.ts';
import { createHostAccess, describeHost, type RunContext, reportWarnings } from './run-context.ts';
import { writeAll } from './write-all.ts';

/**
 * Runs a command in a one-off container of the ref's review app, and passes its output on. Returns the exit code of the command.
 *
 * Throws `usage` for a command that cannot be sent, `app-not-ours`, `host-refused` if there is no such app, and what `runInContainer`
 * throws.
 */
export async function runInReviewApp(run: RunContext): Promise<number> {
  const { context, host, reporter, flags, world } = run;
  if (!host) throw new Error('a command runs on a host');
  reportWarnings(run);
  const request: OneOffScript = {
    app: context.app,
    nonce: randomBytes(8).toString('hex'),
    script: quoteCommand(flags.commandWords ?? []),
    ttl: readTimeout(flags.timeout),
  };
  checkLength(request);
  const hostAccess = createHostAccess(run, host);
  const hostState = await observeHost(context, hostAccess);
  const app = findReviewApp(context, hostState);
  const config = app === context.app && typeof hostState.app === 'object' ? hostState.app.config : undefined;
  reporter.addAppConfig(config ?? (await askConfig(app, hostAccess)) ?? new Map());
  refuseSecrets(request, reporter);
  if (flags.dryRun) return printRun({ ...request, app }, run);
  reporter.note(`The command runs in a one-off container of ${app} on ${describeHost(context)}.`);
  await using output = await openOutput(flags.output, world, reporter);
  const exit = await runInContainer({ ...request, app }, hostAccess, {
    stdout: output.write,
    stderr: (line) => void world.stderr.write(`${reporter.redact(line)}\n`),
  });
  await output.end();
  if (exit !== 0) reporter.note(`The command ended with exit code ${exit}.`);
  return exit;
}

const defaultTimeout = '1h';

function readTimeout(text = defaultTimeout): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds > 0 && seconds <= maxTtl) return seconds;
  throw new DeployError('usage', {
    message: `--timeout: ${JSON.stringify(text)} is not a duration of at most 264h.`,
    remedy: 'Use 90s, 20m or 1h.',
  });
}

function checkLength(request: OneOffScript): void {
  const { length } = buildSshLine(runOneOff(request), new Map());
  if (length <= maxRunLine) return;
  throw new DeployError('usage', {
    message: `The command is too long: Dokku takes ${maxRunLine} characters, and it would be sent as ${length}.`,
    remedy: 'Commit the script, so that it is in the app’s image, and run it there.',
  });
}

/** Everyone who may use Dokku can read the commands of one-off containers, and so can every user of the host. */
function refuseSecrets({ script }: OneOffScript, reporter: Reporter): void {
  const mask = reporter.maskOutput();
  const masked = Buffer.concat([mask.push(Buffer.from(script)), mask.end()]).toString();
  if (!mask.hasMasked()) return;
  throw new DeployError('usage', {
    message:
      'The command contains a secret, which other users of the host could read in its list of processes.',
    said: masked.split('\n'),
    remedy:
      'Read the secret in the container: the app’s configuration is in its environment (sh -c \'psql "$DATABASE_URL"\', in single quotes).',
  });
}

function printRun({ app, script, ttl }: OneOffScript, { context, reporter }: RunContext): number {
  const lines = script.split('\n').map((line) => `    ${line}`);
  const text = [
    `Command for a one-off container of ${app} on ${describeHost(context)}, for at most ${ttl} s:`,
    ...lines,
    '',
  ].join('\n');
  reporter.print(text, (shown) => shown);
  return 0;
}

/** Where the command's standard output goes. */
interface Output extends AsyncDisposable {
  readonly write: (bytes: Buffer) => Promise<void> | undefined;
  /** Passes on the rest. */
  readonly end: () => Promise<void>;
}

async function openOutput(path: string | undefined, world: World, reporter: Reporter): Promise<Output> {
  if (path !== undefined) return openFile(resolve(world.cwd, path));
  const mask = reporter.maskOutput();
  return {
    write: (bytes) => writeAll(world.stdout, mask.push(bytes)),
    end: async () => {
      await writeAll(world.stdout, mask.end());
      if (mask.hasMasked())
        reporter.warn('the output', 'secrets in it were replaced; --output writes it to a file as it is');
    },
    [Symbol.asyncDispose]: async () => void world.stdout.write(mask.end()),
  };
}

async function openFile(path: string): Promise<Output> {
  const file = await open(path, 'w', 0o600).catch((error: Error) => {
    throw new DeployError('usage', {
      message: `--output: ${error.message}`,
      remedy: 'Name a file in an existing folder.',
    });
  });
  return {
    write: (bytes) => file.writeFile(bytes).catch(throwWriteError),
    end: () => file.sync().catch(throwWriteError),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function throwWriteError({ message }: Error): never {
  throw new DeployError('run-failed', {
    message: `The output of the command cannot be written to the file of --output: ${message}`,
    remedy: 'Check the free space there.',
  });
}
