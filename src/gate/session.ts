import { once } from 'node:events';
import type { ClientChannel, ServerChannel } from 'ssh2';
import { readAppList } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { type Audit, auditJob } from './audit.ts';
import { findGrants, type Grants } from './grants.ts';
import type { ReviewGuard } from './guard.ts';
import type { Identity } from './identity.ts';
import { type AllowedCommand, judge } from './judge.ts';
import type { Policy } from './policy.ts';
import { type ByteCount, pump, TooMuchInputError } from './pump.ts';
import { HostAwayError, type Upstream } from './upstream.ts';
import type { Input } from './vocabulary.ts';

/** What the sessions of a gate share. */
export interface SessionWorld {
  /** The policy at this moment: it may be reloaded. */
  readonly policy: () => Policy;
  readonly upstream: Upstream;
  readonly guard: ReviewGuard;
  readonly audit: Audit;
  readonly now: () => number;
}

/** A command that a job has sent. */
export interface SessionRequest {
  readonly channel: ServerChannel;
  readonly line: string;
  readonly identity: Identity;
  /** The number of the job’s connection. */
  readonly connection: number;
}

/** The most bytes that a command may read from its standard input. */
export const inputLimits: Readonly<Record<Input, number>> = {
  none: 0,
  small: 1024 ** 2,
  large: 16 * 1024 ** 3,
};

/**
 * Carries out a command: judges it, sends what it was judged to be, and copies the streams in both directions. The job gets the exit code
 * of the host, 1 for a refusal, and none if the host could not be reached: then it tries again.
 */
export async function runSession(request: SessionRequest, world: SessionWorld): Promise<void> {
  const { channel, line, identity, connection } = request;
  const started = world.now();
  const sent: ByteCount = { bytes: 0 };
  const received: ByteCount = { bytes: 0 };
  const about = { ...auditJob(identity), connection };
  const grants = findGrants(world.policy(), identity);
  const verdict = judge(grants, line);
  const command = [...verdict.audited];
  const refuse = (reason: string): void => {
    world.audit({ event: 'refused', ...about, command, reason });
    answer(channel, 1, `dokku-deploy gate: refused: ${reason}`);
  };
  if (verdict.kind === 'refused') return refuse(verdict.reason);
  const app = verdict.grant?.app;
  const closed = new AbortController();
  channel.once('close', () => closed.abort(new JobGoneError()));
  const turn = { project: identity.projectId ?? identity.projectPath, signal: closed.signal };
  const endRemoval =
    app !== undefined && verdict.effect === 'remove' ? world.guard.startRemoval(app) : undefined;
  try {
    const refusal = await world.guard.check(verdict, grants, (question) =>
      world.upstream.ask({ ...turn, line: question }),
    );
    if (refusal !== undefined) return refuse(refusal);
    const exit = await world.upstream.run({ ...turn, line: verdict.line }, (host) =>
      connectStreams(channel, host, { verdict, grants, sent, received }),
    );
    world.audit({
      event: 'command',
      ...about,
      ...(app === undefined ? {} : { app }),
      command,
      ...(exit === undefined ? { reason: 'the connection was lost' } : { exit }),
      milliseconds: world.now() - started,
      bytes_in: sent.bytes,
      bytes_out: received.bytes,
    });
    answer(channel, exit);
  } catch (error) {
    const reason = describeFailure(error);
    world.audit({ event: 'failed', ...about, command, reason, milliseconds: world.now() - started });
    answer(channel, error instanceof TooMuchInputError ? 1 : undefined, `dokku-deploy gate: ${reason}`);
    if (!isExpected(error)) throw error;
  } finally {
    endRemoval?.();
  }
}

/** The job has closed its session, or its connection is gone. */
class JobGoneError extends Error {
  override readonly message = 'the job has closed the session';
}

function isExpected(error: unknown): boolean {
  return (
    [DeployError, HostAwayError, TooMuchInputError, JobGoneError].some((kind) => error instanceof kind) ||
    isAbort(error)
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function describeFailure(error: unknown): string {
  if (isAbort(error)) return new JobGoneError().message;
  const { message } = error as Error;
  return error instanceof HostAwayError ? `the Dokku host did not take the command: ${message}` : message;
}

/** Ends a session. Without an exit code, the job takes its connection for lost. */
function answer(channel: ServerChannel, exit: number | undefined, message?: string): void {
  if (channel.destroyed) return;
  channel.resume();
  const end = (): void => {
    if (exit === undefined) return void channel.close();
    channel.exit(exit);
    channel.end();
  };
  if (message === undefined) end();
  else channel.stderr.write(`${message}\n`, end);
}

interface Copying {
  readonly verdict: AllowedCommand;
  readonly grants: Grants;
  readonly sent: ByteCount;
  readonly received: ByteCount;
}

/** Copies until the host has ended the command. Resolves with its exit code; undefined if the connection was lost. */
async function connectStreams(
  job: ServerChannel,
  host: ClientChannel,
  { verdict, grants, sent, received }: Copying,
): Promise<number | undefined> {
  let exit: number | undefined;
  host.on('exit', (code: number | null) => {
    exit = code ?? 255;
  });
  host.on('error', () => {});
  host.stderr.on('error', () => {});
  const ended = once(host, 'close');
  const stop = (): void => host.close();
  job.once('close', stop);
  const input = copyInput(job, host, verdict.input, sent).catch((error: unknown) => {
    stop();
    return error;
  });
  try {
    const output =
      verdict.effect === 'list' ? copyAppList(host, job, grants, received) : pump(host, job, received);
    await Promise.all([output, pump(host.stderr, job.stderr, received), ended]);
  } finally {
    job.off('close', stop);
    host.close();
  }
  const tooMuch = await Promise.race([input, undefined]);
  if (tooMuch instanceof TooMuchInputError) throw tooMuch;
  return exit;
}

/** A command that reads nothing gets nothing: what the job sends anyway is dropped. */
async function copyInput(
  job: ServerChannel,
  host: ClientChannel,
  input: Input,
  sent: ByteCount,
): Promise<void> {
  if (input === 'none') {
    host.end();
    job.resume();
    return;
  }
  await pump(job, host, sent, inputLimits[input]);
  host.end();
}

const maxListBytes = 1024 ** 2;

/** Passes on the names of the job’s own apps only. */
async function copyAppList(
  host: ClientChannel,
  job: ServerChannel,
  { apps }: Grants,
  received: ByteCount,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of host as AsyncIterable<Buffer>) {
    received.bytes += chunk.length;
    if (received.bytes <= maxListBytes) chunks.push(chunk);
  }
  const own = readAppList(Buffer.concat(chunks).toString()).filter((name) => apps.has(name));
  job.write(own.map((name) => `${name}\n`).join(''));
}
