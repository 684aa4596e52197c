import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { type ContainerResult, runInImage } from '../support/container.ts';
import { aJobOrigin } from '../support/job-origin.ts';
import { aJobWorkspace, type JobWorkspace } from '../support/job-workspace.ts';
import { aNamedHost, type NamedHost } from '../support/named-host.ts';
import { fetchPage } from '../support/page.ts';
import { type RecordedJob, recordedJobs } from '../support/recorded-jobs.ts';
import type { TestRepository } from '../support/repository.ts';

let origin: TestRepository;
let host: NamedHost;
let sandbox: Sandbox;

beforeAll(async () => {
  origin = aJobOrigin();
  host = await aNamedHost(() => sandbox.port);
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  origin[Symbol.dispose]();
});

const jobs = recordedJobs();
const jobOf = (name: string): RecordedJob => {
  const found = jobs.find((job) => job.name === name);
  if (!found) throw new Error(`no job was recorded as ${name}`);
  return found;
};

/** The deploy key of all records: in some the variable is a file, in others a value. */
const deployKey = jobOf('review-start').workspace.file_variables.SSH_PRIVATE_KEY?.content ?? '';

const aRecordedHost = (): Promise<Sandbox> => {
  const key = ssh2.utils.parseKey(deployKey);
  if (key instanceof Error) throw key;
  return startSandbox({
    services: [],
    authorizedKeys: [`${key.type} ${key.getPublicSSH().toString('base64')}`],
  });
};

/** The record, adapted to this sandbox and this clone: the host key and the commit are replaced. */
const adapt = ({ env, workspace }: RecordedJob) => {
  const key = sandbox.knownHosts.split(' ').slice(1).join(' ');
  const { SSH_KNOWN_HOSTS: hosts, ...others } = workspace.file_variables;
  const known = hosts && { SSH_KNOWN_HOSTS: { ...hosts, content: `dokku.example.com ${key}` } };
  const commit = origin.git('rev-parse', `${workspace.ref}^{commit}`);
  return {
    commit,
    env: { ...env, CI_COMMIT_SHA: commit, CI_COMMIT_SHORT_SHA: commit.slice(0, 8) },
    record: { ...workspace, file_variables: { ...others, ...known } },
  };
};

/** A runner looks for a shell in the container and sends it the script on stdin. */
const findShell = 'for shell in /bin/bash /bin/sh; do if [ -x $shell ]; then exec $shell; fi; done; exit 1';
const scriptOf = (cwd: string, command: string): string =>
  `set -eo pipefail\nset +o noclobber\n: | eval $'cd "${cwd}"\\n${command}\\n'\nexit 0\n`;

/** Runs a job's shell in a container, as the job's user and with its variables. `input`: what the runner sends on stdin. */
const runShell = async (
  job: RecordedJob,
  input: string,
  workspace: JobWorkspace,
  more: readonly string[] = [],
): Promise<ContainerResult> => {
  const [, uid, gid] = /^uid=(\d+)\S* gid=(\d+)/.exec(job.workspace.id) ?? [];
  // A custom executor's driver gives each job its own folder for temporary files.
  const temporary = job.env.TMPDIR === undefined ? [] : ['--tmpfs', `${job.env.TMPDIR}:mode=1777`];
  return runInImage(['sh', '-c', findShell], {
    user: `${uid}:${gid}`,
    flags: ['--network', 'host', '--dns', host.address, ...workspace.flags, ...temporary, ...more],
    env: adapt(job).env,
    input,
  });
};

const runJob = (
  job: RecordedJob,
  command: string,
  workspace: JobWorkspace,
  more: readonly string[] = [],
): Promise<ContainerResult> => runShell(job, scriptOf(job.workspace.cwd, command), workspace, more);

const reportIn = (workspace: JobWorkspace, { workspace: { cwd } }: RecordedJob): Record<string, string> => {
  const path = join(workspace.here(cwd), 'dokku-deploy.env');
  if (!existsSync(path)) return {};
  return Object.fromEntries(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
};

const leaked = /b3BlbnNzaC1rZXktdjE|QyNTUxOQAAACDaaAyA4RqqhRZt9eMQ6Q3N|JOB-TOKEN-PLACEHOLDER/;
const review = 'feature-ajout-du-pr-nom-2';

const deploying = [
  ['branch-push-docker-root', 'review start', review],
  ['branch-push-docker-nonroot', 'review start', review],
  ['branch-push-docker-uid-without-passwd', 'review start', review],
  ['branch-push-docker-full-history', 'review start', review],
  ['merge-request-docker-root', 'review start', review],
  ['review-start', 'review start', review],
  ['review-start-plain-key', 'review start', review],
  ['review-start-long-branch', 'review start', /^feature-jira-123-[a-z0-9-]{1,23}$/],
  ['review-start-shell', 'review start', review],
  ['review-start-shell-plain-key', 'review start', review],
  ['review-start-custom', 'review start', review],
  ['staging-default-branch', 'deploy', 'boutique-staging'],
  ['production-default-branch', 'deploy', 'boutique'],
  ['tag-docker-root', 'deploy', 'boutique'],
] as const;

const stopping = ['review-stop', 'review-stop-nonroot-without-url'];
const refused = ['protected-variable-missing'];

test('every recorded job is run', () => {
  const run = [...deploying.map(([name]) => name), ...stopping, ...refused];
  expect(run.sort()).toEqual(jobs.map(({ name }) => name).sort());
});

test.each(jobs.map(({ name }) => name))('the workspace of %s is like its record', async (name) => {
  await using running = await aRecordedHost();
  sandbox = running;
  const { record } = adapt(jobOf(name));
  using workspace = aJobWorkspace(origin, record);
  expect(workspace.files()).toEqual([...record.files].sort());
  if (record.refs.length === 0) return;
  const refs = workspace.git('for-each-ref', '--format=%(objecttype) %(refname)').split('\n');
  expect(refs).toEqual(record.refs.map((line) => line.split(' ').slice(1).join(' ')));
  expect(workspace.git('rev-list', '--count', 'HEAD')).toBe(String(record.commits));
  expect(workspace.git('rev-parse', '--is-shallow-repository')).toBe(String(record.shallow));
});

describe('a job that deploys', () => {
  test.each(deploying)('%s: %s', async (name, command, app) => {
    await using running = await aRecordedHost();
    sandbox = running;
    const job = jobOf(name);
    using workspace = aJobWorkspace(origin, adapt(job).record);
    const { exit, output } = await runJob(job, `dokku-deploy ${command}`, workspace);
    expect(exit, output).toBe(0);
    expect(output).not.toMatch(leaked);
    const { DYNAMIC_ENVIRONMENT_URL: url = '', ...report } = reportIn(workspace, job);
    expect(report).toMatchObject({
      DOKKU_DEPLOY_APP: typeof app === 'string' ? app : expect.stringMatching(app),
      DOKKU_DEPLOY_COMMIT: adapt(job).commit,
      DOKKU_DEPLOY_EXIT_CODE: '0',
    });
    expect(url).toBe(`http://${report.DOKKU_DEPLOY_APP}.localhost:${sandbox.webPort}`);
    expect(await fetchPage(url)).toBe(`version ${origin.git('show', `${job.workspace.ref}:src/log.txt`)}`);
  });
});

test('in a pod, where the script is a file that runs in the background, tee keeps the log and the exit code', async () => {
  await using running = await aRecordedHost();
  sandbox = running;
  const job = jobOf('branch-push-docker-uid-without-passwd');
  using workspace = aJobWorkspace(origin, adapt(job).record);
  const { cwd } = job.workspace;
  const [script, log] = [`${cwd}.tmp/build_script`, `${cwd}.tmp/output.log`];
  const trap = `trap 'printf "\\nexit %s of %s\\n" $? "$0"' EXIT\n`;
  writeFileSync(workspace.here(script), `${trap}${scriptOf(cwd, 'dokku-deploy review start')}`);
  await runShell(job, `(sh ${script} 2>&1 | tee -a ${log}) &\nwait\n`, workspace);
  const kept = readFileSync(workspace.here(log), 'utf8');
  expect(kept).toMatch(new RegExp(`Done.* in .*${review}[^]*\\nexit 0 of ${script}\\n$`));
  expect(kept).not.toMatch(leaked);
});

describe('a job that stops', () => {
  test.each(stopping)('%s: removes the app without a checkout, and can be repeated', async (name) => {
    await using running = await aRecordedHost();
    sandbox = running;
    const [start, stop] = [jobOf('review-start'), jobOf(name)];
    using clone = aJobWorkspace(origin, adapt(start).record);
    expect((await runJob(start, 'dokku-deploy review start', clone)).exit).toBe(0);
    expect(sandbox.state.apps.has(review)).toBe(true);
    using empty = aJobWorkspace(origin, adapt(stop).record);
    const first = await runJob(stop, 'dokku-deploy review stop', empty);
    expect([first.exit, sandbox.state.apps.has(review)], first.output).toEqual([0, false]);
    const second = await runJob(stop, 'dokku-deploy review stop', empty);
    expect(second.exit, second.output).toBe(0);
    expect(second.output).toContain('The app did not exist.');
  });
});

test('a job without a protected variable fails with its name and the reason', async () => {
  await using running = await aRecordedHost();
  sandbox = running;
  const job = jobOf('protected-variable-missing');
  using workspace = aJobWorkspace(origin, adapt(job).record);
  const { exit, output } = await runJob(job, 'dokku-deploy review start', workspace);
  expect(exit, output).toBe(2);
  expect(output).toContain('SSH_PRIVATE_KEY');
  expect(output).toMatch(/protected/i);
  expect(sandbox.journal.connections).toBe(0);
});

test('a job with a read-only root filesystem fails with the variable to set for temporary files, and deploys once it is set', async () => {
  await using running = await aRecordedHost();
  sandbox = running;
  const job = jobOf('branch-push-docker-uid-without-passwd');
  using workspace = aJobWorkspace(origin, adapt(job).record);
  const failed = await runJob(job, 'dokku-deploy review start', workspace, ['--read-only']);
  expect(failed.exit, failed.output).toBe(2);
  expect(failed.output).toContain('Set TMPDIR to a folder that exists and is writable.');
  const command = 'TMPDIR=$CI_PROJECT_DIR.tmp dokku-deploy review start';
  const done = await runJob(job, command, workspace, ['--read-only']);
  expect(done.exit, done.output).toBe(0);
});

/** How a runner cancels a job: SIGTERM to each process except the first, newest first, with up to 6 s for each to end. */
const cancel = `
for pid in $(cd /proc && ls -rvd [0-9]*); do
  [ $pid = 1 ] || [ $pid = $$ ] || kill -TERM $pid 2>/dev/null || continue
  for _ in $(seq 60); do [ -d /proc/$pid ] && [ $pid != 1 ] && [ $pid != $$ ] || break; sleep 0.1; done
done`;

test('a cancelled job logs where it stopped and leaves its report, and the next job continues', async () => {
  await using running = await aRecordedHost();
  sandbox = running;
  const job = jobOf('review-start');
  using workspace = aJobWorkspace(origin, adapt(job).record);
  const name = `cancelled-${process.pid}`;
  const stalled = new Promise<void>((resolve) => {
    sandbox.faults.inject(/^config:import|--quiet config:import/, { kind: 'then', call: resolve });
  });
  sandbox.faults.inject(/^git-receive-pack/, { kind: 'stall' });
  const ending = runJob(job, 'dokku-deploy review start', workspace, ['--name', name]);
  await stalled;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const since = Date.now();
  await execa('docker', ['exec', name, 'sh', '-c', cancel], { reject: false });
  const { exit, output } = await ending;
  expect([exit, Date.now() - since < 10_000], output).toEqual([143, true]);
  expect(output).toContain('The run was stopped');
  expect(reportIn(workspace, job)).toMatchObject({ DOKKU_DEPLOY_APP: review, DOKKU_DEPLOY_EXIT_CODE: '143' });
  const next = await runJob(job, 'dokku-deploy review start', workspace);
  expect(next.exit, next.output).toBe(0);
});
