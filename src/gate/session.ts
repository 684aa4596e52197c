import type { ServerChannel } from 'ssh2';
import { DeployError } from '../errors.ts';
import { type Audit, auditJob } from './audit.ts';
import { checkCertificateArchive } from './certificate-archive.ts';
import { connectStreams, readInput } from './copy-streams.ts';
import type { DomainGuard } from './domain-guard.ts';
import { findGrants, type Grants } from './grants.ts';
import type { ReviewGuard } from './guard.ts';
import type { Identity } from './identity.ts';
import { type AllowedCommand, judge } from './judge.ts';
import type { AskHost } from './ownership.ts';
import type { Policy } from './policy.ts';
import { type ByteCount, TooMuchInputError } from './pump.ts';
import { type SessionLimits, StalledError } from './session-limits.ts';
import { HostAwayError, type Upstream } from './upstream.ts';

/** What the sessions of a gate share. */
export interface SessionWorld {
  /** The policy at this moment: it may be reloaded. */
  readonly policy: () => Policy;
  readonly upstream: Upstream;
  readonly guard: ReviewGuard;
  readonly domains: DomainGuard;
  readonly limits: SessionLimits;
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
  const ask = (question: string) => world.upstream.ask({ ...turn, line: question });
  const endRemoval =
    app !== undefined && verdict.effect === 'remove' ? world.guard.startRemoval(app) : undefined;
  try {
    const input = await readWhole(request, verdict, world.limits);
    const refusal =
      (input && verdict.input === 'certificate' ? checkCertificateArchive(input) : undefined) ??
      (await world.guard.check(verdict, grants, ask)) ??
      (await checkDomains(verdict, grants, { world, ask }));
    if (refusal !== undefined) return refuse(refusal);
    sent.bytes = input?.length ?? 0;
    const copying = { verdict, grants, limits: world.limits, input, sent, received };
    const exit =
      verdict.shows === 'nothing'
        ? 0
        : await world.upstream.run({ ...turn, line: verdict.line }, (host) =>
            connectStreams(channel, host, copying),
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
    const reason = describeFailure(closed.signal.aborted ? closed.signal.reason : error);
    world.audit({ event: 'failed', ...about, command, reason, milliseconds: world.now() - started });
    answer(channel, error instanceof TooMuchInputError ? 1 : undefined, `dokku-deploy gate: ${reason}`);
    if (!isExpected(error)) throw error;
  } finally {
    endRemoval?.();
    if (app !== undefined && verdict.domains.length > 0) world.domains.end(app);
  }
}

/** Returns the input of a command that is read before it is sent; undefined for the others. */
async function readWhole(
  { channel }: SessionRequest,
  { input }: AllowedCommand,
  { inputBytes, inputTime }: SessionLimits,
): Promise<Buffer | undefined> {
  if (input !== 'small' && input !== 'certificate') return undefined;
  return readInput(channel, inputBytes[input], inputTime);
}

interface Asking {
  readonly world: SessionWorld;
  readonly ask: AskHost;
}

async function checkDomains(
  { grant, domains }: AllowedCommand,
  grants: Grants,
  { world, ask }: Asking,
): Promise<string | undefined> {
  return grant && domains.length > 0 ? world.domains.check({ grant, domains, grants, ask }) : undefined;
}

/** The job has closed its session, or its connection is gone. */
class JobGoneError extends Error {
  override readonly message = 'the job has closed the session';
}

function isExpected(error: unknown): boolean {
  return (
    [DeployError, HostAwayError, TooMuchInputError, StalledError, JobGoneError].some(
      (kind) => error instanceof kind,
    ) || isAbort(error)
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
