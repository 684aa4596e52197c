import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
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
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { run } from '../../src/cli/run.ts';
import { findAccount } from '../../src/executor/account.ts';
import { findProcesses } from '../../src/executor/processes.ts';
import { sourceCommand, startProgram } from '../support/child.ts';
import { aTokenIssuer, type TokenIssuer } from '../support/gitlab-tokens.ts';
import { waitFor } from '../support/running-gate.ts';
import { collect, runProgram } from '../support/world.ts';

/** A system user of every Debian that no other program runs as. */
const user = 'news';
const uid = 9;

/** Only root can run scripts as another user. */
const canSwitchUser =
  userInfo().uid === 0 && readFileSync('/etc/passwd', 'utf8').includes(`\n${user}:x:${uid}:`);

let sandbox: Sandbox;
let gitlab: TokenIssuer;
let root: string;
let folder: string;
let number = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ services: [] });
  gitlab = await aTokenIssuer();
});
afterAll(async () => {
  await gitlab[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});
beforeEach(() => {
  // Not in TMPDIR, which the user of jobs may not be able to enter.
  root = mkdtempSync('/tmp/executor-');
  chmodSync(root, 0o711);
  folder = join(root, 'etc');
  mkdirSync(folder, { mode: 0o711 });
  const { DOKKU_HOST, SSH_PRIVATE_KEY, SSH_KNOWN_HOSTS } = sandbox.env;
  writeFileSync(join(folder, 'key'), SSH_PRIVATE_KEY, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), SSH_KNOWN_HOSTS);
  const policy = `
host: {address: "${DOKKU_HOST}", key: ${folder}/key, known_hosts: ${folder}/known_hosts}
gitlab: {url: "${gitlab.url}"}
executor: {run_as: ${user}, state: ${folder}/state, audit: ${folder}/audit.jsonl}
projects:
  - path: group/shop
    id: 42
    review: {any_ref: true}
    environments: {production: {app: shop, ref: main}}`;
  writeFileSync(join(folder, 'policy.yml'), policy, { mode: 0o600 });
  number += 1;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Call {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the driver as GitLab Runner does, for a job with these fields. */
const call = async (
  words: readonly string[],
  job: Readonly<Record<string, unknown>> = {},
  {
    stop = new AbortController().signal,
    env = {},
  }: { stop?: AbortSignal; env?: Record<string, string> } = {},
): Promise<Call> => {
  const response = {
    id: number,
    job_info: { project_id: 42, project_full_path: 'group/shop' },
    git_info: { ref: 'my-branch', ref_type: 'branch', protected: false },
    variables: [],
    ...job,
  };
  writeFileSync(join(folder, 'response.json'), JSON.stringify(response), { mode: 0o600 });
  const stdout = collect();
  const stderr = collect();
  const exit = await run({
    argv: ['executor', ...words, '--policy', 'policy.yml'],
    program: [],
    env: {
      BUILD_FAILURE_EXIT_CODE: '1',
      SYSTEM_FAILURE_EXIT_CODE: '2',
      JOB_RESPONSE_FILE: join(folder, 'response.json'),
      BUILD_EXIT_CODE_FILE: join(folder, 'build_exit_code'),
      ...env,
    },
    cwd: folder,
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    now: Date.now,
    stop,
    kill: (pid, signal) => {
      try {
        process.kill(pid, signal);
      } catch {}
    },
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
};

/** Runs a script as a stage. What it writes to $HOME is found there afterwards. */
const stage = (script: string, name = 'build_script', ...more: [job?: object, options?: object]) => {
  writeFileSync(join(folder, 'script'), script, { mode: 0o600 });
  return call(['run', join(folder, 'script'), name], ...(more as []));
};

const home = (name: string): string => join(folder, 'state', `job-${number}`, 'home', name);
const read = (name: string): string => readFileSync(home(name), 'utf8');

/** What a job leaves behind. */
const leftovers = async () => ({
  processes: await findProcesses(uid),
  folders: existsSync(join(folder, 'state')) ? readdirSync(join(folder, 'state')) : [],
});

const nothing = { processes: [], folders: [] };

describe.runIf(canSwitchUser)('a job of the custom executor', () => {
  test('has its folders, and leaves nothing behind', async () => {
    const config = JSON.parse((await call(['config'])).stdout) as Record<string, unknown>;
    expect(config).toMatchObject({
      driver: { name: 'dokku-deploy' },
      shell: 'bash',
      builds_dir: expect.stringContaining('builds'),
    });
    expect(await call(['prepare'])).toMatchObject({ exit: 0, stderr: '' });
    expect(await call(['prepare'])).toMatchObject({ exit: 0, stderr: '' });
    expect(await stage('id -un > $HOME/user; pwd > $HOME/cwd; env > $HOME/env', 'get_sources')).toMatchObject(
      { exit: 0 },
    );
    expect(read('user')).toBe(`${user}\n`);
    expect(read('env')).not.toContain('DOKKU_GATE');
    expect((await call(['cleanup'])).exit).toBe(0);
    expect(await leftovers()).toEqual(nothing);
  });

  test('keeps the exit code of its script, and a failure of the driver is one of the system', async () => {
    await call(['prepare']);
    expect((await stage('exit 7')).exit).toBe(1);
    expect(readFileSync(join(folder, 'build_exit_code'), 'utf8')).toBe('7');
    expect((await stage('kill -9 $$')).exit).toBe(1);
    expect(readFileSync(join(folder, 'build_exit_code'), 'utf8')).toBe('137');
    const missing = await call(['run', '/nowhere', 'build_script']);
    expect([missing.exit, missing.stderr]).toEqual([
      2,
      "dokku-deploy: the script could not be started: ENOENT: no such file or directory, open '/nowhere'\n",
    ]);
    await call(['cleanup']);
    expect((await stage('exit 0')).exit).toBe(2);
  });

  test('reaches the host as its policy allows, without a variable of its own', async () => {
    await call(['prepare']);
    const running = stage(
      'echo "$DOKKU_GATE" > $HOME/gate; echo "$DOKKU_GATE_KEY" > $HOME/key; touch $HOME/ready; until [ -e $HOME/done ]; do sleep 0.02; done',
    );
    await waitFor(() => existsSync(home('ready')));
    const job = (words: string) =>
      runProgram({
        argv: words.split(' '),
        cwd: folder,
        env: {
          DOKKU_GATE: read('gate').trim(),
          DOKKU_GATE_KEY: read('key'),
          CI_COMMIT_REF_NAME: 'my-branch',
          CI_COMMIT_REF_SLUG: 'my-branch',
          CI_PROJECT_ID: '42',
          CI_PROJECT_PATH: 'group/shop',
        },
      });
    expect(await job('review stop')).toMatchObject({ exit: 0 });
    expect(await job('status production --app shop')).toMatchObject({ exit: 4 });
    writeFileSync(home('done'), '');
    expect((await running).exit).toBe(0);
    const audit = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    expect(audit).toContain('"command":["config:export","--format","json","my-branch"]');
    expect(audit).toContain('the app shop is not one of this job');
    await call(['cleanup']);
  });

  test('cannot replace the socket of its gate, which root hands over to it, with a link', async () => {
    await call(['prepare']);
    const folder = 'd=$(dirname "$(echo "$DOKKU_GATE" | sed "s/^unix://; s/#.*//")")';
    const script = `${folder}; test ! -w "$d" && test -S "$d/gate.sock"`;
    expect((await stage(script)).exit).toBe(0);
    await call(['cleanup']);
  });

  test('gains nothing by variables of another value', async () => {
    const names = [
      'CI_PROJECT_ID',
      'CI_ENVIRONMENT_NAME',
      'DOKKU_APP',
      'PATH',
      'BUILD_FAILURE_EXIT_CODE',
      'LD_PRELOAD',
      'JOB_RESPONSE_FILE',
    ];
    const values = {
      CI_PROJECT_ID: '43',
      CI_ENVIRONMENT_NAME: 'production',
      DOKKU_APP: 'shop',
      PATH: '/tmp',
      BUILD_FAILURE_EXIT_CODE: '0',
      LD_PRELOAD: '/tmp/x.so',
      JOB_RESPONSE_FILE: '/tmp/x',
    };
    const env = Object.fromEntries(
      names.map((name) => [`CUSTOM_ENV_${name}`, values[name as keyof typeof values]]),
    );
    const variables = Object.entries(values).map(([key, value]) => ({ key, value }));
    await call(['prepare'], { variables }, { env });
    const { exit } = await stage('env > $HOME/env; exit 3', 'build_script', { variables }, { env });
    expect(exit).toBe(1);
    const seen = read('env');
    expect(seen).not.toContain('CUSTOM_ENV_');
    expect(seen).not.toContain('LD_PRELOAD');
    expect(seen).toContain('PATH=/usr/local/bin:/usr/bin:/bin\n');
    await call(['cleanup']);
  });

  test('never sees the key of the host: not in its environment, in files that it can read, in /proc or in arguments', async () => {
    await call(['prepare']);
    // The first line is the same in all keys.
    const [, secret = ''] = sandbox.env.SSH_PRIVATE_KEY.split('\n').filter((line) =>
      /^[\w+/=]{40,}$/.test(line),
    );
    const search = [
      // No program gets it as an argument, which would be found in /proc.
      `printf %s '${secret}' > $HOME/needle`,
      'env | grep -F -f $HOME/needle > $HOME/found-env',
      `grep -rIsF --exclude=needle -f $HOME/needle ${folder} > $HOME/found-files`,
      'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -aF -f $HOME/needle > $HOME/found-proc',
      `cat ${folder}/key > $HOME/stolen 2>/dev/null`,
      'exit 0',
    ].join('\n');
    expect((await stage(search)).exit).toBe(0);
    expect(secret).not.toBe('');
    for (const name of ['found-env', 'found-files', 'found-proc', 'stolen'])
      expect([name, read(name)]).toEqual([name, '']);
    await call(['cleanup']);
  });

  test('has the environment of its token, and no other', async () => {
    const token = (claims: object) =>
      gitlab.sign({
        job_id: String(number),
        ref: 'main',
        ref_path: 'refs/heads/main',
        environment: 'production',
        ...claims,
      });
    const variables = async (claims: object) => [{ key: 'DOKKU_GATE_TOKEN', value: await token(claims) }];
    expect((await call(['prepare'], { variables: await variables({}) })).exit).toBe(0);
    const foreign = await call(['prepare'], { variables: await variables({ job_id: '1' }) });
    expect([foreign.exit, foreign.stderr]).toEqual([
      2,
      expect.stringContaining('it is the token of another job'),
    ]);
    const wrong = await call(['prepare'], { variables: await variables({ project_id: '43' }) });
    expect(wrong.exit).toBe(2);
    await call(['cleanup']);
  });

  test.each([
    [
      'a project that the policy does not name',
      { job_info: { project_id: 99 } },
      'does not name a project with the id 99',
    ],
    ['an image', { image: { name: 'node:26' } }, 'image: node:26 is not possible here'],
    ['services', { services: [{ name: 'postgres' }] }, 'services: are not possible here'],
  ])('is refused aloud with %s', async (_, job, reason) => {
    const { exit, stderr } = await call(['config'], job);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });

  test('shows its output, even of a process that it leaves behind', async () => {
    await call(['prepare']);
    const { exit, stdout, stderr } = await stage(
      "(trap 'echo last; exit' TERM; touch $HOME/ready; while true; do sleep 0.02; done) & echo out; echo err >&2; until [ -e $HOME/ready ]; do sleep 0.02; done",
    );
    expect([exit, stdout, stderr]).toEqual([0, 'out\nlast\n', expect.stringContaining('err\n')]);
    await call(['cleanup']);
  });

  test('is not prepared any further when it is cancelled while GitLab does not answer', async () => {
    gitlab.isSilent = true;
    const token = await gitlab.sign({ job_id: String(number) });
    const variables = [{ key: 'DOKKU_GATE_TOKEN', value: token }];
    const stop = new AbortController();
    const asked = gitlab.requests.length;
    const preparing = call(['prepare'], { variables }, { stop: stop.signal });
    await waitFor(() => gitlab.requests.length > asked);
    stop.abort('SIGTERM');
    expect(await preparing).toMatchObject({ exit: 2, stderr: expect.stringContaining('was stopped') });
    gitlab.isSilent = false;
    expect(await leftovers()).toEqual(nothing);
  });

  test('is ended by SIGTERM with all of its processes', async () => {
    await call(['prepare']);
    const stop = new AbortController();
    const running = stage(
      'setsid sleep 1000 & touch $HOME/ready; sleep 1000',
      'build_script',
      {},
      { stop: stop.signal },
    );
    await waitFor(() => existsSync(home('ready')));
    stop.abort('SIGTERM');
    expect((await running).exit).toBe(1);
    expect(await findProcesses(uid)).toEqual([]);
    await call(['cleanup']);
    expect(await leftovers()).toEqual(nothing);
  });

  test.each(['get_sources', 'build_script'])(
    'leaves nothing after a cleanup, if the driver was killed with SIGKILL during %s',
    async (name) => {
      await call(['prepare']);
      writeFileSync(join(folder, 'script'), 'setsid sleep 1000 & touch $HOME/ready; sleep 1000');
      const words = ['executor', 'run', join(folder, 'script'), name, '--policy', join(folder, 'policy.yml')];
      const driver = startProgram(sourceCommand(...words), {
        cwd: folder,
        env: { JOB_RESPONSE_FILE: join(folder, 'response.json') },
      });
      await waitFor(() => existsSync(home('ready')));
      driver.child.kill('SIGKILL');
      // The runner waits until the output has ended: no process of the job holds it open.
      await driver.result;
      expect((await findProcesses(uid)).length).toBeGreaterThan(0);
      expect((await call(['cleanup'])).exit).toBe(0);
      expect(await leftovers()).toEqual(nothing);
    },
  );

  test('does not start between two stages of another one of the same user', async () => {
    await call(['prepare']);
    number += 1;
    const second = await call(['prepare']);
    expect([second.exit, second.stderr]).toEqual([
      2,
      expect.stringContaining(`Another job runs as news (job-${number - 1})`),
    ]);
  });

  test('starts after one that was not cleaned up, and removes what that one left', async () => {
    const ended = join(folder, 'ended.json');
    await call(['prepare']);
    await stage('touch $HOME/secret');
    copyFileSync(join(folder, 'response.json'), ended);
    await call(['prepare'], {}, { env: { JOB_RESPONSE_FILE: ended } });
    const left = spawn('sleep', ['1000'], { uid, gid: uid, stdio: 'ignore' });
    const exited = once(left, 'exit');
    // The runner removes it even if the driver's cleanup was killed.
    rmSync(ended);
    number += 1;
    expect(await call(['prepare'])).toMatchObject({ exit: 0, stderr: '' });
    await exited;
    expect((await leftovers()).folders).toEqual([`job-${number}`, `job-${number}.gate`]);
    await call(['cleanup']);
    expect(await leftovers()).toEqual(nothing);
  });

  test('does not start while another one runs as the same user, and does not end that one', async () => {
    await call(['prepare']);
    const running = stage('touch $HOME/ready; until [ -e $HOME/done ]; do sleep 0.02; done; exit 5');
    await waitFor(() => existsSync(home('ready')));
    const done = home('done');
    number += 1;
    const second = await call(['prepare']);
    expect([second.exit, second.stderr]).toEqual([2, expect.stringContaining('Another job runs as news')]);
    await call(['cleanup']);
    writeFileSync(done, '');
    await running;
    expect(readFileSync(join(folder, 'build_exit_code'), 'utf8')).toBe('5');
    number -= 1;
    await call(['cleanup']);
  });
});

describe('the user of jobs', () => {
  test.each([
    ['root', 'must not run as root'],
    ['no-such-user', 'there is no such user'],
  ])('is not %s', async (name, reason) => {
    await expect(findAccount(name)).rejects.toThrow(reason);
  });
});

describe('the driver', () => {
  test('called by hand explains what it is for', async () => {
    const { exit, stderr } = await call(['config'], {}, { env: { JOB_RESPONSE_FILE: '/nowhere' } });
    expect([exit, stderr]).toEqual([2, expect.stringContaining('GitLab Runner’s custom executor')]);
  });
});
