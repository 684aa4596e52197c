import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { waitFor } from '../support/running-gate.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { collect } from '../support/world.ts';

/** A system user of every Debian that no other program runs as. Only root can run scripts as another user. */
const user = 'games';
const canSwitchUser = userInfo().uid === 0 && readFileSync('/etc/passwd', 'utf8').includes(`\n${user}:x:`);

let shop: Shop;
let folder: string;

beforeAll(async () => {
  shop = await aShop({ services: ['redis'] });
  shop.repository.commit({ 'index.html': 'hello', '.dokku-deploy.yml': 'services: [redis]\n' });
  const started = await shop.run('review start', {
    CI_COMMIT_REF_NAME: 'my-branch',
    CI_COMMIT_REF_SLUG: 'my-branch',
  });
  if (started.exit !== 0) throw new Error(started.stderr);
}, 60_000);
afterAll(() => shop[Symbol.asyncDispose]());

const writePolicy = (rules = 'review: {any_ref: true}, inside: [review], pass: [TEST_*]') => {
  const { DOKKU_HOST } = shop.sandbox.env;
  const text = `
host: {address: "${DOKKU_HOST}", key: ${folder}/key, known_hosts: ${folder}/known_hosts}
executor: {run_as: ${user}, state: ${folder}/state, audit: ${folder}/audit.jsonl}
projects:
  - {path: group/shop, id: 42, ${rules}}
  - {path: group/other, id: 43, review: {any_ref: true}, inside: [review]}`;
  writeFileSync(join(folder, 'policy.yml'), text, { mode: 0o600 });
};

beforeEach(() => {
  folder = mkdtempSync('/tmp/inside-');
  chmodSync(folder, 0o711);
  mkdirSync(join(folder, 'state'), { mode: 0o711 });
  writeFileSync(join(folder, 'key'), shop.sandbox.env.SSH_PRIVATE_KEY, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), shop.sandbox.env.SSH_KNOWN_HOSTS);
  writePolicy();
  shop.sandbox.journal.commands.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = { public: true, masked: false };
const inside = { key: 'DOKKU_RUN', value: 'inside', ...open };

/** Writes a job as GitLab Runner gives it to the driver. */
const writeJob = (script: readonly string[], fields: Readonly<Record<string, unknown>> = {}) => {
  const response = {
    id: 7,
    job_info: { project_id: 42, project_full_path: 'group/shop' },
    git_info: { ref: 'my-branch', ref_type: 'branch', protected: false },
    variables: [inside],
    steps: [
      { name: 'script', script, timeout: 600, when: 'on_success' },
      { name: 'after_script', script: ['echo after'], timeout: 300, when: 'always' },
    ],
    ...fields,
  };
  writeFileSync(join(folder, 'response.json'), JSON.stringify(response), { mode: 0o600 });
};

const environment = () => ({
  BUILD_FAILURE_EXIT_CODE: '1',
  SYSTEM_FAILURE_EXIT_CODE: '2',
  JOB_RESPONSE_FILE: join(folder, 'response.json'),
  BUILD_EXIT_CODE_FILE: join(folder, 'build_exit_code'),
});

/** Calls the driver. */
const call = async (words: readonly string[], stop = new AbortController().signal) => {
  const stdout = collect();
  const stderr = collect();
  const exit = await run({
    argv: ['executor', ...words, '--policy', join(folder, 'policy.yml')],
    program: [],
    env: environment(),
    cwd: folder,
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    now: Date.now,
    stop,
    kill: () => {},
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};

/** Runs a job's script as the runner does. */
const runJob = async (
  script: readonly string[],
  { fields = {}, stage = 'build_script', stop }: { fields?: object; stage?: string; stop?: AbortSignal } = {},
) => {
  writeJob(script, fields as Record<string, unknown>);
  await call(['prepare']);
  return call(['run', '/nowhere', stage], stop);
};

const exitCode = () => readFileSync(join(folder, 'build_exit_code'), 'utf8');
const runs = () => shop.app('my-branch').runs;
const ran = () =>
  shop.sandbox.journal.commands.map(({ line }) => line).filter((line) => line.startsWith('run '));

describe.runIf(canSwitchUser)('a job with DOKKU_RUN: inside', () => {
  test('runs its script in a container of its review app, and leaves nothing behind', async () => {
    const variables = [
      inside,
      { key: 'STAGE', value: 'e2e', ...open },
      { key: 'TEST_LOGIN', value: 'ann', public: false },
      { key: 'API_TOKEN', value: 'not-for-the-host', public: false },
    ];
    const script = [
      'cat index.html',
      'echo "$STAGE $TEST_LOGIN [$API_TOKEN] $(echo "$REDIS_URL" | cut -d: -f1)"',
      'echo "$REDIS_URL"',
    ];
    const { exit, stdout, stderr } = await runJob(script, { fields: { variables } });
    expect([exit, stderr]).toEqual([0, '']);
    expect(stdout).toContain('$ cat index.html');
    expect(stdout).toContain('hello');
    expect(stdout).toContain('\ne2e ann [] redis\n');
    expect(stdout).toContain('redis://:[config.REDIS_URL]@');
    const sent = Buffer.from(/echo ([\w+/=]+)\|/.exec(ran()[0] ?? '')?.[1] ?? '', 'base64').toString();
    expect([sent.includes('export STAGE='), sent.includes('not-for-the-host')]).toEqual([true, false]);
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).toContain(
      '"command":["run","my-branch","[script]"]',
    );
    expect((await call(['cleanup'])).exit).toBe(0);
    expect([runs().size, readdirSync(join(folder, 'state'))]).toEqual([0, []]);
  });

  test.each([
    [['exit 7'], '7'],
    [['false', 'exit 0'], '1'],
    [['kill -9 $$'], '137'],
    [['true | sh -c "exit 4" | cat'], '4'],
  ])('fails with the exit code of its script: %j', async (script, code) => {
    expect([(await runJob(script)).exit, exitCode()]).toEqual([1, code]);
  });

  test('runs its after_script there, too, and nothing for a stage without a script', async () => {
    const after = await runJob(['true'], { stage: 'after_script' });
    expect([after.exit, after.stdout]).toEqual([0, expect.stringContaining('\nafter\n')]);
    expect((await runJob(['true'], { stage: 'step_release' })).exit).toBe(0);
    expect(ran().length).toBe(1);
  });

  test.each([
    ['an unclear end', { kind: 'fail-after', exit: 1 }],
    ['a lost connection', { kind: 'drop-after' }],
    ['an answer without a frame', { kind: 'answer', exit: 0 }],
  ] as const)('is a failure of the system after %s', async (_, fault) => {
    shop.sandbox.faults.inject(/^run --/, fault);
    expect((await runJob(['true'])).exit).toBe(2);
    expect([existsSync(join(folder, 'build_exit_code')), runs().size]).toEqual([false, 0]);
  });

  test.each([
    ['the policy does not allow it', 'review: {any_ref: true}', {}, 'does not allow this job to run scripts'],
    [
      'its ref may not have a review app',
      'review: {refs: [other]}, inside: [review]',
      {},
      'jobs of other only',
    ],
    [
      'there is no review app',
      undefined,
      { git_info: { ref: 'none', ref_type: 'branch' } },
      'There is no review app of none',
    ],
    [
      'the app of that name is another project’s',
      undefined,
      { job_info: { project_id: 43, project_full_path: 'group/other' } },
      'There is no review app of my-branch',
    ],
    [
      'its script is too long',
      undefined,
      { steps: [{ name: 'script', script: [`: ${'x'.repeat(23_000)}`] }] },
      'The script is too long',
    ],
  ])('does not run if %s', async (_, rules, fields, reason) => {
    writePolicy(rules);
    const { exit, stderr } = await runJob(['true'], { fields });
    expect([exit, stderr, ran()]).toEqual([2, expect.stringContaining(reason), []]);
  });

  test.each([
    [
      'another place',
      { variables: [{ ...inside, value: 'outside' }] },
      'DOKKU_RUN is outside, and not inside',
    ],
    ['an image', { image: { name: 'node:26' } }, 'the script runs in the image of the review app'],
    ['services', { services: [{ name: 'postgres' }] }, 'services: are not possible here'],
  ])('is refused aloud with %s', async (_, fields, reason) => {
    writeJob(['true'], fields);
    expect(await call(['config'])).toMatchObject({ exit: 2, stderr: expect.stringContaining(reason) });
  });

  test('may name the image of its own app', async () => {
    writeJob(['true'], { image: { name: 'dokku/my-branch:latest' } });
    expect((await call(['config'])).exit).toBe(0);
  });

  test('stops its container when it is cancelled', async () => {
    const stop = new AbortController();
    const running = runJob(['sleep 1000'], { stop: stop.signal });
    await waitFor(() => runs().size === 1);
    stop.abort('SIGTERM');
    expect((await running).exit).not.toBe(0);
    await waitFor(() => runs().size === 0);
  });

  test('that was killed with SIGKILL loses its container at the cleanup', async () => {
    writeJob(['sleep 1000']);
    await call(['prepare']);
    const words = ['executor', 'run', '/nowhere', 'build_script', '--policy', join(folder, 'policy.yml')];
    const driver = startProgram(sourceCommand(...words), { cwd: folder, env: environment() });
    await waitFor(() => runs().size === 1);
    const exited = once(driver.child, 'exit');
    driver.child.kill('SIGKILL');
    await exited;
    expect(runs().size).toBe(1);
    expect((await call(['cleanup'])).exit).toBe(0);
    expect([runs().size, readdirSync(join(folder, 'state'))]).toEqual([0, []]);
  });
});
