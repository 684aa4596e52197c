import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aRunnerMachine, jobUser, type RunnerMachine } from '../support/gitlab-runner.ts';
import { waitFor } from '../support/running-gate.ts';

const runner = process.env.GITLAB_RUNNER_BINARY;
const why = runner
  ? ''
  : ' (skipped: it needs root, and the path of a gitlab-runner in GITLAB_RUNNER_BINARY)';

let machine: RunnerMachine;

/** A script that runs until it is ended. The runner hears of a cancellation when it sends the log. */
const endless = 'setsid sleep 1000 & while true; do echo beat $((6 * 7)); sleep 0.2; done';

/** The stages in which a job waits, and what makes it do so. `driver` matches the arguments of the driver in that stage. */
const stages = [
  { stage: 'prepare', driver: / prepare /, job: { script: ['true'] } },
  { stage: 'get_sources', driver: / get_sources /, job: { script: ['true'] } },
  { stage: 'the script', driver: / build_script /, job: { script: [endless] } },
  { stage: 'after_script', driver: / after_script /, job: { script: ['true'], afterScript: [endless] } },
] as const;

const nothing = { processes: [], sockets: [], folders: [] };

describe.skipIf(!runner)(`a job of a real GitLab Runner${why}`, () => {
  beforeAll(async () => {
    machine = await aRunnerMachine(runner ?? '');
  });
  afterEach(() => {
    machine.issuer.isSilent = false;
    machine.server.git.isSilent = false;
  });
  afterAll(() => machine[Symbol.asyncDispose]());

  /** Offers a job that waits in a stage, and resolves when it does. */
  const reach = async ({ stage, job }: (typeof stages)[number]) => {
    const { issuer, server } = machine;
    issuer.isSilent = stage === 'prepare';
    server.git.isSilent = stage === 'get_sources';
    const variables = { DOKKU_GATE_TOKEN: stage === 'prepare' ? await issuer.sign() : '' };
    const before = { prepare: issuer.requests.length, get_sources: server.git.waiting };
    const offered = server.offer({ ...job, variables });
    if (stage === 'prepare') await waitFor(() => issuer.requests.length > before.prepare);
    else if (stage === 'get_sources') await waitFor(() => server.git.waiting > before.get_sources);
    else await offered.logs('beat 42');
    return offered;
  };

  test('deploys its review app without a variable of its own, and removes it', async () => {
    const start = machine.server.offer({
      script: ['dokku-deploy review start'],
      afterScript: ['echo "ended as $CI_JOB_STATUS by $(id -un)"'],
    });
    expect([(await start.ended).state, start.log()]).toEqual([
      'success',
      expect.stringContaining(`ended as success by ${jobUser.name}`),
    ]);
    expect(await machine.leftovers()).toEqual(nothing);
    const stop = machine.server.offer({ script: ['dokku-deploy review stop'] });
    expect([(await stop.ended).state, stop.log()]).toEqual(['success', expect.stringContaining('my-branch')]);
    expect(machine.audit()).toContain('"apps:destroy"');
  });

  test('fails with the exit code of its script', async () => {
    const job = machine.server.offer({ script: ['true', 'exit 7', 'true'] });
    expect(await job.ended).toEqual({ state: 'failed', failureReason: 'script_failure', exitCode: 7 });
  });

  test('is a failure of the system if the policy does not name its project', async () => {
    const job = machine.server.offer({ script: ['true'], projectId: 43 });
    expect(await job.ended).toMatchObject({ state: 'failed', failureReason: 'runner_system_failure' });
    expect(job.log()).toContain('the policy does not name a project with the id 43');
    expect(await machine.leftovers()).toEqual(nothing);
  });

  test('ends at its time limit with all of its processes', async () => {
    const job = machine.server.offer({ script: [endless], timeout: 5 });
    expect(await job.ended).toMatchObject({ state: 'failed', failureReason: 'job_execution_timeout' });
    expect(await machine.leftovers()).toEqual(nothing);
  });

  test.each(stages)(
    'leaves nothing, and ends within ten seconds, if it is cancelled in $stage',
    async (where) => {
      const job = await reach(where);
      const start = performance.now();
      // GitLab’s first cancellation lets after_script run.
      job.cancel(where.stage === 'after_script');
      expect(await job.ended).toMatchObject({ state: 'failed', failureReason: 'job_canceled' });
      expect(performance.now() - start).toBeLessThan(10_000);
      expect(await machine.leftovers()).toEqual(nothing);
    },
  );

  test.each(stages)('leaves nothing if the driver is killed in $stage', async (where) => {
    const job = await reach(where);
    for (const pid of machine.drivers(where.driver)) process.kill(pid, 'SIGKILL');
    // The runner prepares a job three times.
    machine.issuer.isSilent = false;
    if (where.stage === 'get_sources' || where.stage === 'the script')
      expect(await job.ended).toMatchObject({ state: 'failed', failureReason: 'runner_system_failure' });
    else await job.ended;
    expect(await machine.leftovers()).toEqual(nothing);
  });

  test('starts after one whose cleanup was killed, and finds nothing of it', async () => {
    const first = await reach(stages[2]);
    first.cancel();
    await waitFor(() => machine.drivers(/ cleanup /).length > 0);
    for (const pid of machine.drivers(/ cleanup /)) process.kill(pid, 'SIGKILL');
    await first.ended;
    const second = machine.server.offer({ script: ['true'] });
    expect((await second.ended).state).toBe('success');
    expect(await machine.leftovers()).toEqual(nothing);
  });

  test('gains nothing by variables of another value', async () => {
    const variables = {
      CI_PROJECT_ID: '43',
      CI_PROJECT_PATH: 'group/other',
      CI_ENVIRONMENT_NAME: 'production',
      DOKKU_APP: 'shop',
      BUILD_FAILURE_EXIT_CODE: '0',
      SYSTEM_FAILURE_EXIT_CODE: '0',
      BUILD_EXIT_CODE_FILE: '/dev/null',
      LD_PRELOAD: '/nowhere/x.so',
      NODE_OPTIONS: '--require /nowhere/x.js',
      JOB_RESPONSE_FILE: '/nowhere/response.json',
    };
    const script = ['dokku-deploy deploy production || exit $((200 + $?))'];
    const job = machine.server.offer({ script, variables });
    expect([await job.ended, job.log()]).toEqual([
      { state: 'failed', failureReason: 'script_failure', exitCode: 204 },
      expect.stringContaining('the app shop is not one of this job'),
    ]);
    const lost = machine.server.offer({ script: ['true'], variables: { PATH: '/nowhere' } });
    expect(await lost.ended).toMatchObject({ state: 'failed', failureReason: 'script_failure' });
    expect(await machine.leftovers()).toEqual(nothing);
  });

  test('has the key of the host nowhere: not in its processes, its files or any arguments', async () => {
    const key = machine.secret();
    const job = machine.server.offer({ script: [`cat ${machine.root}/etc/key || true`, endless] });
    await job.logs('beat 42');
    expect(await machine.findText(key)).toEqual([]);
    // The search does find what is there: in the checkout, and in the environment of the script.
    for (const text of ['A page of the shop', 'DOKKU_GATE_KEY='])
      expect((await machine.findText(text)).length).toBeGreaterThan(0);
    expect(job.log()).not.toContain(key);
    job.cancel();
    await job.ended;
  });
});
