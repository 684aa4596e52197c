import { setTimeout as sleep } from 'node:timers/promises';
import { listens } from '../databases/process.ts';
import type { AppManifest, Healthcheck } from '../host/app-json.ts';
import type { Container } from '../host/state.ts';

/** How the checks of a container run. */
export interface CheckOptions {
  readonly container: Container;
  readonly manifest: AppManifest;
  readonly out: (line: string) => void;
  /** Ends the checks early. */
  readonly signal: AbortSignal;
  /** How long a process may take to listen before its paths are checked, in milliseconds; 0 to wait as Dokku does. */
  readonly startTimeout: number;
  /** The length of a second of Dokku's waiting, in milliseconds. */
  readonly second: number;
}

/** Runs the health checks of a new container and prints what Dokku prints. Returns whether all have passed. */
export async function runChecks(options: CheckOptions): Promise<boolean> {
  const { container, manifest, out } = options;
  const checks = listChecks(container.type, manifest);
  await waitForStart(options);
  out(`-----> Executing ${checks.length} healthchecks`);
  for (const { line } of checks) out(`       Running healthcheck ${line}`);
  const results = await Promise.all(
    checks.map(async (check) => {
      const problem = await check.run(options);
      if (problem === undefined) out(`       Healthcheck succeeded name='${check.name}'`);
      return { check, problem };
    }),
  );
  for (const { problem } of results) printDetail(out, problem?.detail);
  for (const { check, problem } of results)
    if (problem) out(`${red}Failure in name='${check.name}': ${problem.message}`);
  return results.every(({ check, problem }) => problem === undefined || check.isWarning);
}

interface Check {
  readonly name: string;
  readonly line: string;
  /** Whether a failure does not fail the deploy. */
  readonly isWarning: boolean;
  /** Returns the problem and the output that shows it; undefined if the check passes. */
  readonly run: (options: CheckOptions) => Promise<CheckProblem | undefined>;
}

interface CheckProblem {
  readonly message: string;
  readonly detail?: string;
}

/** Returns the checks of a process type. One without any gets Dokku's uptime check, and a web process its listening check. */
function listChecks(type: string, { healthchecks = {} }: AppManifest): Check[] {
  const declared = Object.hasOwn(healthchecks, type) ? (healthchecks[type] ?? []) : [];
  const startup = declared.filter(({ type: kind }) => kind === undefined || kind === 'startup').map(toCheck);
  return [
    ...(startup.length > 0 ? startup : [uptimeCheck({ name: 'default', uptime: 10 })]),
    ...(type === 'web' ? [{ ...listeningCheck({ name: 'port listening check' }), isWarning: true }] : []),
  ];
}

function toCheck(check: Healthcheck): Check {
  if (check.listening) return listeningCheck(check);
  return check.uptime !== undefined && check.path === undefined ? uptimeCheck(check) : pathCheck(check);
}

/** The uptime check waits, and fails if the container is restarted or stops meanwhile. */
function uptimeCheck(check: Healthcheck): Check {
  const { uptime = 1 } = check;
  return {
    ...nameOf(check),
    line: `name='${nameOf(check).name}' type='uptime' uptime=${uptime}`,
    run: async ({ container, signal, second, startTimeout }) => {
      const isDone = async () => startTimeout > 0 && (container.hasEnded() || (await isListening(container)));
      const end = Date.now() + uptime * second;
      while (Date.now() < end && !signal.aborted) {
        if (startTimeout > 0 && container.status() === 'restarting') break;
        if (await isDone()) break;
        await sleep(20);
      }
      const status = container.status();
      if (container.restarts() > 0 || status === 'restarting')
        return {
          message: `container has restarted ${countRestarts(container, uptime)} times`,
          detail: `state=${status}`,
        };
      if (status === 'exited') return { message: 'container state is not running', detail: 'state=exited' };
      return undefined;
    },
  };
}

/** How long a container runs before the checks wait for it, in seconds: a default check counted seven restarts. */
const containerStart = 3;

/** Returns how often Docker restarts a container that keeps ending at once until an uptime check is over. */
function countRestarts(container: Container, uptime: number): number {
  let count = 0;
  for (let at = 0.1; at < uptime + containerStart; at += 0.1 * 2 ** count) count += 1;
  return Math.max(count, container.restarts());
}

/** The listening check only looks at the state of the container: recorded, it passes for a process that never listens. */
function listeningCheck(check: Healthcheck): Check {
  const { attempts = 3, timeout = 5, wait = 5 } = check;
  return {
    ...nameOf(check),
    line: `name='${nameOf(check).name}' attempts=${attempts} port=5000 retries=${attempts - 1} timeout=${timeout} type='listening' wait=${wait}`,
    run: async ({ container, signal, second }) => {
      for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
        if (container.status() === 'running' && container.restarts() === 0) return undefined;
        if (attempt < attempts) await pause((wait * second) / attempts, signal);
      }
      return { message: 'container state is not running' };
    },
  };
}

/** The path check requests a path until it gets an answer below 400. */
function pathCheck(check: Healthcheck): Check {
  const { path = '/', attempts = 3, timeout = 5, wait = 5, initialDelay = 0 } = check;
  return {
    ...nameOf(check),
    line: `name='${nameOf(check).name}' delay=${initialDelay} path='${path}' retries=${attempts - 1} timeout=${timeout} type='path'`,
    run: async ({ container, signal, second }) => {
      let problem: CheckProblem | undefined;
      await pause(initialDelay * second, signal);
      for (let attempt = 1; attempt <= attempts && !signal.aborted; attempt += 1) {
        problem = await request(container, path, timeout);
        if (problem === undefined) return undefined;
        if (attempt < attempts) await pause(wait * second, signal);
      }
      return problem;
    },
  };
}

async function request(
  { port }: Container,
  path: string,
  timeout: number,
): Promise<CheckProblem | undefined> {
  try {
    const signal = AbortSignal.timeout(timeout * 1_000);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', signal });
    if (answer.status < 400) return undefined;
    return { message: `unexpected status code: ${answer.status}`, detail: await answer.text() };
  } catch {
    return { message: 'connection refused' };
  }
}

/** Returns the name of a check; without one it is the definition in base64. */
function nameOf(check: Healthcheck): { readonly name: string; readonly isWarning: boolean } {
  const definition = JSON.stringify(Object.fromEntries(Object.entries(check).sort()));
  return {
    name: check.name ?? Buffer.from(definition).toString('base64'),
    isWarning: check.warn === true,
  };
}

/** How long a process that does not listen is given before its first checks, in milliseconds. */
const settleTime = 500;

/**
 * Waits until a process listens, as long as it may: until it has ended, or until `startTimeout` if a path will be
 * requested. Without `startTimeout` it only gives the process the time that Docker takes to start it.
 */
async function waitForStart({ container, manifest, signal, startTimeout }: CheckOptions): Promise<void> {
  const paths = manifest.healthchecks?.[container.type]?.some(({ path }) => path !== undefined) ?? false;
  const limit = paths && startTimeout > 0 ? startTimeout : settleTime;
  const end = Date.now() + limit;
  while (Date.now() < end && !signal.aborted) {
    if (container.status() !== 'running' || (await isListening(container))) return;
    await sleep(20);
  }
}

async function isListening({ port }: Container): Promise<boolean> {
  return port > 0 && (await listens(port));
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

const red = '\u001b[1m\u001b[31m !     \u001b[0m\u001b[0m';

function printDetail(out: (line: string) => void, detail: string | undefined): void {
  if (detail === undefined) return;
  out('=====> Start healthcheck output');
  for (const line of detail.trimEnd().split('\n')) out(`       ${line}`);
  out('=====> End healthcheck output');
}
