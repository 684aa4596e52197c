import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateKey } from '../access/private-key.ts';
import { stopError } from '../apply/stop.ts';
import { createAudit } from '../gate/audit.ts';
import { startGate } from '../gate/gate.ts';
import type { World } from '../world.ts';
import { type DriverCall, type DriverJob, endPatience, readDriverJob } from './driver.ts';
import { runInside } from './inside.ts';
import { identifyJob } from './job.ts';
import { endProcesses } from './processes.ts';
import { runScript, type ScriptResult } from './script.ts';

interface StageOptions {
  readonly call: DriverCall;
  /** The path of the script. */
  readonly script: string;
  readonly stage: string;
  readonly world: Pick<World, 'stop' | 'stdout' | 'stderr'>;
}

/** The stages in which the job's own script runs: only these get to the host. */
const scriptStages = /^(build_script|step_\w+|after_script)$/;

/**
 * Runs one stage of a job as the user of jobs. The gate of the job is part of this process: it ends with it, even if it is killed. Returns
 * how the script ended. Throws `usage` and `configuration`.
 */
export async function runStage({ call, script, stage, world }: StageOptions): Promise<ScriptResult> {
  const driven = await readDriverJob(call);
  const { job, verifier } = driven;
  if (job.place === 'inside' && scriptStages.test(stage)) {
    const { policy, now } = call;
    const identity = await identifyJob(job, verifier, world.stop);
    return await runInside({ policy, job, identity, folders: driven.folders, stage, world, now });
  }
  const gate = scriptStages.test(stage) ? await startJobGate(driven, call, world) : undefined;
  try {
    const { account, folders, path } = driven;
    const endOthers = () => endProcesses(account.uid, call.kill, endPatience);
    const stop = () => void endOthers();
    world.stop.addEventListener('abort', stop, { once: true });
    // No script runs after a cancellation, which is one SIGTERM.
    if (world.stop.aborted) throw stopError(world.stop);
    return await runScript({
      path: script,
      account,
      cwd: folders.own,
      env: {
        PATH: path,
        HOME: join(folders.own, 'home'),
        TMPDIR: join(folders.own, 'tmp'),
        USER: account.name,
        LOGNAME: account.name,
        SHELL: '/bin/bash',
        LANG: 'C.UTF-8',
        ...gate?.env,
      },
      outputs: world,
      endOthers,
    });
  } finally {
    await gate?.close();
  }
}

interface JobGate {
  /** What a script needs to reach it. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

async function startJobGate(
  driven: DriverJob,
  call: DriverCall,
  world: StageOptions['world'],
): Promise<JobGate> {
  const { job, account, folders, verifier } = driven;
  const identity = await identifyJob(job, verifier, world.stop);
  const { policy, now } = call;
  const auditPath = policy.executor?.audit;
  const audit = createAudit((line) => {
    if (auditPath !== undefined) appendFileSync(auditPath, line, { mode: 0o600 });
  }, now);
  const { default: ssh2 } = await import('ssh2');
  const pem = makeKey();
  const parsed = ssh2.utils.parseKey(pem);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  const hostKey = await readPrivateKey({ text: makeKey(), passphrase: undefined, variable: 'the host key' });
  if (!key || key instanceof Error || 'problem' in hostKey) throw new Error('a new key cannot be read');
  const socket = join(folders.gate, 'gate.sock');
  const gate = await startGate({
    policy: () => policy,
    rule: { kind: 'key', key, identity },
    address: { path: socket, owner: account },
    hostKey: hostKey.key,
    audit,
    now,
    onBug: (error) =>
      void world.stderr.write(`dokku-deploy gate: bug: ${String((error as Error)?.stack ?? error)}\n`),
  });
  return {
    env: { DOKKU_GATE: `unix:${socket}#${gate.fingerprint}`, DOKKU_GATE_KEY: pem },
    close: () => gate.drain(0),
  };
}

/** Makes a key for one stage of one job. It never leaves the memory of this process and the environment of the script. */
function makeKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString();
}
