import { describe, expect, test } from 'vitest';
import { createAppWatch } from '../../src/apply/app-watch.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { type AppGuard, createAppGuard } from '../../src/plan/app-guard.ts';
import { emptyHostState } from '../../src/plan/host-state.ts';
import type { Step } from '../../src/plan/plan.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext, database } from '../support/context.ts';
import { hostAccessTo } from '../support/host-access.ts';

const context = aContext({ services: [database()] });
const environment = aContext({ command: 'deploy', environment: 'staging', services: [database()] });
const marker = 'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=my-branch&services=';
const owner = (name: string) => `format=v2&id=42&project=group%2Fshop&environment=${name}&app=my-branch`;

const answered = (config: Readonly<Record<string, string>> = {}): CommandResult => ({
  kind: 'answered',
  stdout: JSON.stringify(config),
  stderr: '',
});
const text = (stdout: string): CommandResult => ({ kind: 'answered', stdout, stderr: '' });
const missing: CommandResult = {
  kind: 'refused',
  exit: 20,
  stdout: '',
  stderr: ' !     App my-branch does not exist\n',
};

/** A watch after these steps of a first review start, and what a check of it does on a host that answers so. */
const checkAfter = async (ids: readonly string[], answer: (line: string) => CommandResult, job = context) => {
  const watch = createAppWatch(createAppGuard(job) as AppGuard);
  const { steps } = planReviewStart(context, emptyHostState(context));
  for (const id of ids) {
    const step = steps.find((one) => one.id === id) as Step;
    watch.noteStart(step);
    const hasCreated = step.kind === 'create-service';
    watch.noteEnd(step, { outcome: 'done', ...(hasCreated && { hasCreated }) }, 0);
  }
  const sent: string[] = [];
  const error = await watch
    .check(
      hostAccessTo((line) => {
        sent.push(line);
        return answer(line);
      }),
    )
    .catch((caught: unknown) => caught);
  return { error, sent };
};

const reading = 'config:export --format json my-branch';
const created = ['create-app', 'configure', 'create-mysql-my-branch-database'];

describe('the watch over an app', () => {
  test('finds nothing wrong while the app has its mark', async () => {
    const { error, sent } = await checkAfter(created, () => answered({ DOKKU_DEPLOY_REVIEW: marker }));
    expect([error, sent]).toEqual([undefined, [reading]]);
  });

  test('asks nothing before the run has created or marked the app', async () => {
    expect(await checkAfter([], () => missing)).toEqual({ error: undefined, sent: [] });
  });

  test('removes the services that the run has created if the app is gone', async () => {
    const { error, sent } = await checkAfter(created, (line) => (line === reading ? missing : answered()));
    expect(error).toMatchObject({
      code: 'app-removed',
      message:
        'The app my-branch was removed while this job ran. What this run had created was removed too: mysql:my-branch-database.',
    });
    expect(sent).toEqual([reading, 'mysql:destroy my-branch-database --force']);
  });

  test('keeps a service that it did not create, and one that is linked by now', async () => {
    const none = await checkAfter(['create-app', 'configure'], () => missing);
    expect(none.sent).toEqual([reading]);
    const linked = await checkAfter(created, (line) =>
      line === reading
        ? missing
        : { kind: 'refused', exit: 1, stdout: '', stderr: ' !     Cannot delete linked service\n' },
    );
    expect(linked.error).toMatchObject({ message: 'The app my-branch was removed while this job ran.' });
  });

  /** What a host answers about an app as `apps:create` leaves it. */
  const empty: Readonly<Record<string, CommandResult>> = {
    'ps:report': text('false'),
    'domains:report': text('{"app-vhosts":"my-branch.lab.test","global-vhosts":"lab.test"}'),
    'storage:list': text('[]'),
    'ports:list': { kind: 'refused', exit: 1, stdout: '', stderr: 'No port mappings configured for app' },
    'docker-options:report': text(
      '{"docker-options-build":"","docker-options-deploy":"","docker-options-run":""}',
    ),
    'certs:report': text('false'),
    'apps:report': text('1795426355'),
  };
  const answerEmpty = (line: string) => empty[line.split(' ')[0] ?? ''] ?? answered();
  const pushed = [...created, 'deploy'];

  test('removes an empty app that its own push has created, if it stays unmarked', async () => {
    const { error, sent } = await checkAfter(pushed, answerEmpty);
    expect(error).toMatchObject({ code: 'app-removed' });
    expect(sent.filter((line) => line.includes('destroy'))).toEqual([
      'mysql:destroy my-branch-database --force',
      'apps:destroy my-branch --force',
    ]);
  });

  test.each([
    ['that was deployed to', 'host-refused', 'ps:report', text('true')],
    ['that has mounts', 'host-refused', 'storage:list', text('[{"host_path":"/data"}]')],
    [
      'whose creation is still running',
      'app-removed',
      'domains:report',
      text('{"app-vhosts":"","global-vhosts":"lab.test"}'),
    ],
    [
      'that cannot be looked at',
      'host-refused',
      'ps:report',
      { kind: 'refused', exit: 1, stdout: '', stderr: '' } as const,
    ],
  ])('keeps an app %s: the host may have lost its configuration', async (_, code, command, answer) => {
    const { error, sent } = await checkAfter(pushed, (line) =>
      line.startsWith(command) ? answer : answerEmpty(line),
    );
    expect(error).toMatchObject({ code });
    expect(sent).toContain('ps:report my-branch --deployed');
    expect(sent).not.toContain('apps:destroy my-branch --force');
  });

  test('leaves an app alone that a new job marks after a moment', async () => {
    let looks = 0;
    const { error, sent } = await checkAfter([...created, 'deploy'], (line) => {
      if (line !== reading) return answered();
      looks += 1;
      return answered(looks < 4 ? {} : { DOKKU_DEPLOY_REVIEW: marker });
    });
    expect(error).toMatchObject({ code: 'app-removed' });
    expect(sent.filter((line) => /apps:|config:import/.test(line))).toEqual([]);
  });

  test('keeps an app that has any configuration, be it only what Dokku writes', async () => {
    const { sent } = await checkAfter(pushed, (line) =>
      line === reading ? answered({ GIT_REV: 'x' }) : answerEmpty(line),
    );
    expect(sent.filter((line) => line.startsWith('apps:'))).toEqual([]);
  });

  test('leaves an app alone that another job has created since', async () => {
    const { error, sent } = await checkAfter(created, () => answered());
    expect(error).toMatchObject({ code: 'app-removed' });
    expect(sent.filter((line) => line.startsWith('apps:'))).toEqual([]);
  });

  test('does not take a lost mark or an unclear answer for a removed app', async () => {
    const url = 'mysql://mysql:x@dokku-mysql-my-branch-database:3306/x';
    for (const answer of [
      answered({ DATABASE_URL: url }),
      answered({ DOKKU_DEPLOY_KEYS: 'A' }),
      { kind: 'refused', exit: 1, stdout: '', stderr: 'out of memory' } as const,
      { kind: 'answered', stdout: 'Welcome!', stderr: '' } as const,
    ]) {
      expect((await checkAfter([...created, 'deploy'], () => answer)).error).toBeUndefined();
    }
  });

  test('never removes anything of an environment', async () => {
    const { error, sent } = await checkAfter([...created, 'deploy'], () => missing, environment);
    expect([error, sent]).toMatchObject([{ code: 'app-removed' }, [reading]]);
  });

  test('refuses an app that another environment has marked in the meantime', async () => {
    const config = answered({ DOKKU_DEPLOY_OWNER: owner('production') });
    const { error } = await checkAfter(created, () => config, environment);
    expect(error).toMatchObject({
      code: 'app-not-ours',
      message: expect.stringContaining('belongs to the environment production of the project group/shop'),
    });
    const own = answered({ DOKKU_DEPLOY_OWNER: owner('staging') });
    expect((await checkAfter(created, () => own, environment)).error).toBeUndefined();
  });

  test('refuses an environment that someone has locked in the meantime, and no review app', async () => {
    const config = answered({ DOKKU_DEPLOY_OWNER: owner('staging'), DOKKU_DEPLOY_LOCK: 'hands off' });
    const { error } = await checkAfter(created, () => config, environment);
    expect(error).toMatchObject({
      code: 'locked',
      message: 'Nothing was deployed: my-branch is locked: hands off.',
    });
    const ahead = { ...environment, duringLock: true };
    expect((await checkAfter(created, () => config, ahead)).error).toBeUndefined();
    const review = answered({ DOKKU_DEPLOY_REVIEW: marker, DOKKU_DEPLOY_LOCK: 'hands off' });
    expect((await checkAfter(created, () => review)).error).toBeUndefined();
  });

  test('knows an app again that was the job’s own when it was observed', async () => {
    const watch = createAppWatch(createAppGuard(context) as AppGuard);
    const host = hostAccessTo(() => missing);
    await watch.observe('absent', host);
    await watch.observe(stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker }), host);
    await expect(watch.observe('absent', host)).rejects.toMatchObject({ code: 'app-removed' });
  });

  test('looks again before a push only if the last look or step is more than two seconds ago', async () => {
    const watch = createAppWatch(createAppGuard(context) as AppGuard);
    let looks = 0;
    const host = hostAccessTo(() => {
      looks += 1;
      return looks === 1 ? answered({ DOKKU_DEPLOY_REVIEW: marker }) : missing;
    });
    await watch.observe(stateOf('my-branch', { DOKKU_DEPLOY_REVIEW: marker }), host);
    await host.sleep(2_000);
    await watch.checkAgain(host);
    expect(looks).toBe(0);
    await host.sleep(1);
    await watch.checkAgain(host);
    await watch.checkAgain(host);
    expect(looks).toBe(1);
    await host.sleep(2_001);
    await expect(watch.checkAgain(host)).rejects.toMatchObject({ code: 'app-removed' });
  });
});
