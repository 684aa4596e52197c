import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostAccess } from '../apply/ask.ts';
import { runInContainer } from '../apply/one-off.ts';
import { stopContainer } from '../apply/stop-container.ts';
import { askConfig } from '../apply/what-runs.ts';
import { buildSshLine } from '../dokku/command.ts';
import { maxRunLine, maxTtl, type OneOffScript, runOneOff } from '../dokku/run.ts';
import { DeployError } from '../errors.ts';
import { auditJob, createAudit } from '../gate/audit.ts';
import { readAccess } from '../gate/gate.ts';
import { findGrants } from '../gate/grants.ts';
import type { Identity } from '../gate/identity.ts';
import { findOwnership } from '../gate/ownership.ts';
import type { Policy } from '../gate/policy.ts';
import { createMask } from '../report/mask.ts';
import { createOutputMask } from '../report/output-mask.ts';
import { listConfigSecrets } from '../run/redactor.ts';
import { writeAll } from '../run/write-all.ts';
import type { Host } from '../ssh/host.ts';
import { createSshHost } from '../ssh/ssh-host.ts';
import type { World } from '../world.ts';
import { buildInsideScript } from './inside-script.ts';
import type { JobStep, RunnerJob } from './job.ts';
import type { ScriptResult } from './script.ts';
import type { JobFolders } from './state.ts';

/** What the driver needs for a script in the review app. */
export interface InsideOptions {
  readonly policy: Policy;
  readonly job: RunnerJob;
  readonly identity: Identity;
  readonly folders: JobFolders;
  readonly stage: string;
  readonly world: Pick<World, 'stop' | 'stdout' | 'stderr'>;
  readonly now: () => number;
}

/**
 * Runs the script of a stage in a one-off container of the job's own review app. Returns how it ended; a script whose exit code got lost
 * is a failure of the system.
 *
 * Throws `configuration` without a rule that allows it, `app-not-ours`, `host-refused`, and what `runInContainer` throws.
 */
export async function runInside(options: InsideOptions): Promise<ScriptResult> {
  const { policy, job, folders, stage, world, now } = options;
  const step = findStep(job, stage);
  if (!step) return { exit: 0 };
  await using host = await connect(policy);
  const hostAccess = createAccess(host, world.stop, now);
  const app = await findApp(options, hostAccess);
  const { pass = [] } = policy.projects.find(({ id }) => id === job.projectId) ?? {};
  const script = buildInsideScript({
    lines: step.lines,
    variables: job.variables,
    pass: typeof pass === 'string' ? [pass] : pass,
  });
  const run: OneOffScript = {
    app,
    nonce: randomBytes(8).toString('hex'),
    script,
    ttl: Math.min(step.timeout, maxTtl),
  };
  checkLength(run);
  const secrets = listConfigSecrets((await askConfig(app, hostAccess)) ?? new Map());
  const stdout = createOutputMask(secrets, []);
  const mask = createMask(secrets);
  const started = now();
  await writeRecord(folders, run);
  try {
    const exit = await runInContainer(run, hostAccess, {
      stdout: (bytes) => writeAll(world.stdout, stdout.push(bytes)),
      stderr: (line) => void world.stderr.write(`${mask(line)}\n`),
    });
    audit(options, { app, exit, milliseconds: now() - started });
    await removeRecord(folders);
    return { exit };
  } catch (error) {
    audit(options, { app, reason: (error as Error).message, milliseconds: now() - started });
    throw error;
  } finally {
    world.stdout.write(stdout.end());
  }
}

/** The runner calls the step `script` build_script or step_script, and any other `NAME` step_NAME. */
function findStep({ steps }: RunnerJob, stage: string): JobStep | undefined {
  const wanted = /^(build_script|step_script)$/.test(stage) ? 'script' : stage.replace(/^step_/, '');
  return steps.find(({ name }) => name === wanted);
}

async function connect(policy: Policy): Promise<Host> {
  return createSshHost({ access: await readAccess(policy.host), warn: () => {} });
}

function createAccess(host: Host, stop: AbortSignal, now: () => number): HostAccess {
  return {
    host,
    vault: new Map(),
    now,
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined),
    sleepThroughStop: (milliseconds) => sleep(milliseconds, undefined, { ref: false }),
    stop,
  };
}

/** Returns the job's own review app: of the names that it can have, the one with the mark of its project and ref. */
async function findApp({ policy, identity }: InsideOptions, { host }: HostAccess): Promise<string> {
  const grants = findGrants(policy, identity);
  const names = [...grants.apps.values()].filter(({ runsScripts }) => runsScripts).map(({ app }) => app);
  if (names.length === 0) throw notAllowedError(grants.refusals);
  const { projectId, projectPath, ref } = identity;
  const owner = { project: { id: projectId, path: projectPath }, ref };
  for (const app of names) {
    if ((await findOwnership(app, owner, (line) => host.ask({ line }))) === 'own') return app;
  }
  throw new DeployError('host-refused', {
    message: `There is no review app of ${ref} on the host (${names[0]}).`,
    remedy: 'Create it in an earlier job: dokku-deploy review start.',
  });
}

/** Returns the error for a job that may not run scripts in a review app. */
export function notAllowedError(reasons: readonly string[] = []): DeployError {
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
  return new DeployError('configuration', {
    message: `DOKKU_RUN is inside, and the policy does not allow this job to run scripts in a review app${why}.`,
    remedy:
      'Ask the operator of the runner for inside: [review] in the project’s policy, or remove DOKKU_RUN.',
  });
}

function checkLength(run: OneOffScript): void {
  const { length } = buildSshLine(runOneOff(run), new Map());
  if (length <= maxRunLine) return;
  throw new DeployError('configuration', {
    message: `The script is too long: Dokku takes ${maxRunLine} characters, and it would be sent as ${length}, with the job’s public variables.`,
    remedy: 'Commit it, so that it is in the app’s image, and run it from there.',
  });
}

function audit(
  { policy, identity, now }: InsideOptions,
  end: {
    readonly app: string;
    readonly exit?: number;
    readonly reason?: string;
    readonly milliseconds: number;
  },
): void {
  const path = policy.executor?.audit;
  if (path === undefined) return;
  const write = createAudit((line) => appendFileSync(path, line, { mode: 0o600 }), now);
  const event = end.reason === undefined ? 'command' : 'failed';
  write({ event, ...auditJob(identity), command: ['run', end.app, '[script]'], ...end });
}

/** What a later call needs to find the container, if this one is killed. */
async function writeRecord(folders: JobFolders, { app, nonce }: OneOffScript): Promise<void> {
  await writeFile(recordPath(folders), JSON.stringify({ app, nonce }), { mode: 0o600 });
}

function recordPath({ gate }: JobFolders): string {
  return join(gate, 'container.json');
}

async function removeRecord(folders: JobFolders): Promise<void> {
  await rm(recordPath(folders), { force: true });
}

/** Milliseconds for which the container of a killed driver is looked for. */
const searchTime = 6_000;

/**
 * Stops the container that an earlier call of the driver has left, if there is one. Throws `run-failed` if the host does not answer, and
 * what `readAccess` throws.
 */
export async function stopInside(policy: Policy, folders: JobFolders, now: () => number): Promise<void> {
  const record = parseRecord(await readFile(recordPath(folders), 'utf8').catch(() => ''));
  if (!record) return;
  await using host = await connect(policy);
  const hostAccess = createAccess(host, new AbortController().signal, now);
  const state = await stopContainer(record, hostAccess, { time: searchTime });
  if (state !== 'unknown') return await removeRecord(folders);
  throw new DeployError('run-failed', {
    message: `The container of the job in ${record.app} may still run: the host did not answer.`,
    remedy: `Dokku stops it when its time is over. To stop it now, look for ${record.nonce} in dokku run:list ${record.app}.`,
  });
}

/** Reads a record. Undefined for one that was not written to its end: no container was started then. */
function parseRecord(text: string): Pick<OneOffScript, 'app' | 'nonce'> | undefined {
  try {
    return JSON.parse(text) as Pick<OneOffScript, 'app' | 'nonce'>;
  } catch {
    return undefined;
  }
}
