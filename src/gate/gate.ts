import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Access, PrivateKey } from '../access/access-types.ts';
import { readHostAddress } from '../access/host-address.ts';
import { readKnownHosts } from '../access/known-hosts.ts';
import { readPrivateKey } from '../access/private-key.ts';
import { DeployError } from '../errors.ts';
import { configurationError, type Problem } from '../problems.ts';
import type { World } from '../world.ts';
import { type Audit, createAudit } from './audit.ts';
import { createDomainGuard } from './domain-guard.ts';
import { createReviewGuard } from './guard.ts';
import type { LoginRule } from './login.ts';
import { type ListenAddress, type Policy, readListenAddress, readPolicy } from './policy.ts';
import { type GateServer, startGateServer } from './server.ts';
import { type SessionLimits, sessionLimits } from './session-limits.ts';
import { createTokenVerifier } from './tokens.ts';
import { readTrustedFile } from './trusted-file.ts';
import { createUpstream } from './upstream.ts';

/** Milliseconds that running commands have to end after the stop signal: a deploy may take some minutes. */
const drainTime = 5 * 60_000;

/** Runs the gate as a daemon until the stop signal. Throws `configuration` for a policy or files that cannot be used. */
export async function runGate(path: string, world: World): Promise<void> {
  const audit = createAudit((line) => void world.stdout.write(line), world.now);
  let policy = await readPolicy(path);
  const { listen, gitlab, address } = readPolicyAddress(policy);
  const verifier = createTokenVerifier({
    url: gitlab.url,
    audience: gitlab.audience ?? defaultAudience,
    now: world.now,
  });
  const started = policy;
  let reading = Promise.resolve();
  const read = async (): Promise<void> => {
    try {
      policy = await readPolicy(path);
      audit({ event: 'reloaded', ...describeUnapplied(started, policy) });
    } catch (error) {
      audit({ event: 'failed', reason: `the old policy stays: ${describeError(error as Error)}` });
    }
  };
  // One after the other: the policy that was read last counts.
  world.onHangup?.(() => {
    reading = reading.then(read);
  });
  const gate = await startGate({
    policy: () => policy,
    rule: { kind: 'token', verifier },
    address,
    hostKey: await readHostKey(listen.host_key),
    audit,
    now: world.now,
    onBug: (error) =>
      void world.stderr.write(`dokku-deploy gate: bug: ${String((error as Error)?.stack ?? error)}\n`),
  });
  const where =
    'port' in gate.address
      ? `${listen.address.replace(/:\d+$/, '')}:${gate.address.port}`
      : gate.address.path;
  world.stderr.write(`The gate listens on ${where}; its host key is ${gate.fingerprint}\n`);
  audit({ event: 'started' });
  if (!world.stop.aborted) await once(world.stop, 'abort');
  await gate.drain(drainTime);
  audit({ event: 'stopped' });
}

/** Returns what a daemon needs of its policy. Throws `configuration` without it. */
export function readPolicyAddress({ path, listen, gitlab }: Policy) {
  const address = listen && readListenAddress(listen.address);
  if (listen && gitlab && address) return { listen, gitlab, address };
  throw new DeployError('configuration', {
    message: `${path}: the policy has no listen and gitlab, which jobs need to connect.`,
    remedy: 'Add both: docs/gate.md describes them.',
  });
}

/** `aud` of the ID tokens that a gate accepts. */
export const defaultAudience = 'dokku-deploy';

/** Returns a remark about what has changed and counts only after a restart. */
function describeUnapplied(started: Policy, read: Policy): { readonly reason?: string } {
  const keys = (['host', 'listen', 'gitlab'] as const).filter(
    (key) => !isDeepStrictEqual(started[key], read[key]),
  );
  return keys.length === 0 ? {} : { reason: `${keys.join(', ')} will count after a restart` };
}

function describeError(error: Error): string {
  return error instanceof DeployError ? [error.message, ...error.said].join(' ') : error.message;
}

interface GateOptions {
  readonly policy: () => Policy;
  readonly rule: LoginRule;
  readonly address: ListenAddress;
  readonly hostKey: PrivateKey;
  readonly audit: Audit;
  readonly now: () => number;
  readonly limits?: SessionLimits;
  readonly onBug: (error: unknown) => void;
}

/** Starts a gate: the server for jobs, and the connection to the host, which its first command opens. Throws `configuration`. */
export async function startGate(
  options: GateOptions,
): Promise<GateServer & { readonly fingerprint: string }> {
  const { policy, audit, now, rule, address, hostKey, onBug, limits = sessionLimits } = options;
  const { host } = policy();
  const upstream = createUpstream(await readAccess(host), host.connections ?? 4);
  const server = await startGateServer({
    world: {
      policy,
      upstream,
      guard: createReviewGuard(now),
      domains: createDomainGuard(),
      limits,
      audit,
      now,
    },
    rule,
    address,
    hostKey: hostKey.pem.reveal(),
    onBug,
  });
  return {
    ...server,
    fingerprint: hostKey.fingerprint,
    drain: async (milliseconds) => {
      await server.drain(milliseconds);
      upstream.close();
    },
  };
}

/** Reads what is needed to log in on the host. Throws `configuration` with all problems at once. */
export async function readAccess(host: Policy['host']): Promise<Access> {
  const problems: Problem[] = [];
  const address = readHostAddress(host.address);
  const privateKey = await readKeyFile(host.key, problems);
  const file = await readTrustedFile(host.known_hosts);
  const { known, hasAuthorities, problems: lines } = readKnownHosts('text' in file ? file.text : '');
  if ('problem' in file) problems.push(file.problem);
  for (const { line, message } of lines)
    problems.push({
      where: `${host.known_hosts}:${line}`,
      message,
      remedy: 'Paste the line of ssh-keyscan.',
    });
  if (problems.length > 0 || !privateKey || 'problem' in address)
    throw configurationError(problems, 'Fix the files on the machine of the gate.');
  return { address, privateKey, hostKeys: { checking: 'pinned', known, hasAuthorities } };
}

async function readKeyFile(path: string, problems: Problem[]): Promise<PrivateKey | undefined> {
  const file = await readTrustedFile(path, 'owner');
  if ('problem' in file) {
    problems.push(file.problem);
    return undefined;
  }
  const read = await readPrivateKey({ text: file.text, passphrase: undefined, variable: path });
  if ('key' in read) return read.key;
  problems.push({ where: path, ...read.problem });
  return undefined;
}

async function readHostKey(path: string): Promise<PrivateKey> {
  const problems: Problem[] = [];
  const key = await readKeyFile(path, problems);
  if (key) return key;
  throw configurationError(problems, `Make a key: ssh-keygen -t ed25519 -N '' -f ${path}`);
}
