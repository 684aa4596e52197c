import { beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/dokku/command.ts';
import { busy, deployed, locked, reportOf, running, type Shown, useShop } from '../support/ship-from.ts';

const { shipTo, head } = useShop();

describe('another job that deploys while this one waits', () => {
  const others = 'f'.repeat(40);
  const day = (date: string): string => `2026-11-${date}T12:00:00.000Z`;
  const source = { commit: '0123456789'.repeat(4), committedAt: day('02') };
  const recordOf = (date: string) => ({
    DOKKU_DEPLOY_COMMIT: others,
    DOKKU_DEPLOY_COMMITTED_AT: day(date),
    DOKKU_DEPLOY_REVISION: 'a'.repeat(40),
    DOKKU_DEPLOY_URL: 'http://others.test',
  });
  const reports = () => reportOf('a'.repeat(40));
  const hasPushed = ({ told }: Shown) => told.includes('-----> Building shop from Dockerfile');

  beforeAll(() => {
    const commit = head();
    Object.assign(source, { commit });
  });

  test('supersedes it with a newer commit: nothing is pushed', async () => {
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('03')] });
    expect([shown.came, hasPushed(shown)]).toMatchObject([
      {
        code: 'superseded',
        message: expect.stringMatching(/another one deployed ffffffff to shop, which is newer/),
      },
      false,
    ]);
  });

  test('supersedes it without a failure, if the job accepts that', async () => {
    const shown = await shipTo(deployed, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { superseded: 'ok' },
    });
    expect(shown.came).toMatchObject({
      shipped: false,
      supersededBy: others,
      urls: ['http://others.test'],
      warning: expect.stringContaining('superseded'),
    });
    expect(shown.came).not.toHaveProperty('record');
    expect(hasPushed(shown)).toBe(false);
  });

  test('does not supersede it with an older commit', async () => {
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('01')] });
    expect([shown.came, hasPushed(shown)]).toMatchObject([{ shipped: true }, true]);
  });

  test('is given time to record its commit', async () => {
    const configs = [{}, {}, {}, recordOf('03')];
    const shown = await shipTo(deployed, { source, reports, configs });
    expect(shown.came).toMatchObject({ code: 'superseded' });
    expect(shown.told).toEqual([
      '... another job has just deployed shop: waiting for the record of its commit',
    ]);
  });

  test('cannot be compared if it leaves no record, which is a warning', async () => {
    const shown = await shipTo(deployed, { source, reports });
    expect([shown.came, hasPushed(shown)]).toMatchObject([{ shipped: true }, true]);
    expect(shown.told).toContain(
      "warning: shop was deployed in the meantime, without a record of the commit: it cannot be compared with this job's",
    );
  });

  test('is not compared again with what ran when this job began', async () => {
    const revision = 'a'.repeat(40);
    const record = { commit: others, committedAt: day('03'), revision, url: 'http://others.test' };
    const running = { revision, attempted: undefined, record };
    const shown = await shipTo(deployed, { source, reports, configs: [recordOf('03')], step: { running } });
    expect(shown.came).toMatchObject({ shipped: true });
  });

  test.each([
    ['newer', '03', { code: 'superseded' }],
    ['older', '01', { shipped: true }],
  ])(
    'is compared if it had deployed and not recorded its commit when this job began: %s',
    async (_, date, came) => {
      const running = { revision: 'a'.repeat(40), attempted: undefined, record: undefined };
      const shown = await shipTo(deployed, { source, reports, configs: [recordOf(date)], step: { running } });
      expect(shown.came).toMatchObject(came);
    },
  );

  test('is waited for before anything is pushed, for a refused push breaks the host’s cancel', async () => {
    const shown = await shipTo(deployed, { source, builds: [running] });
    expect(shown.came).toMatchObject({ shipped: true });
    expect(shown.told[0]).toBe('... another deploy of shop is running: waiting up to 60 s');
  });

  /** Another job's push that ends while this one is built: it moves the branch. */
  const otherPush = [
    'unset GIT_QUARANTINE_PATH',
    'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a',
    'git update-ref refs/heads/master $(git commit-tree -m x $(git mktree </dev/null))',
  ].join('; ');

  const setRevision = '--quiet config:import --format json --no-restart shop -';

  test.each([
    ['newer', '03', { code: 'superseded' }, [setRevision, 'ps:rebuild shop']],
    ['older', '01', { shipped: true, warning: expect.stringContaining('did not store the commit') }, []],
  ])('that ends while this one is sent is restored only if it is newer: %s', async (_, date, came, asked) => {
    const shown = await shipTo(`${deployed}; ${otherPush}`, {
      source,
      readConfig: (bare) => {
        const revision = bare.git('for-each-ref', '--format=%(objectname)', 'refs/heads/master');
        return revision === '' ? {} : { ...recordOf(date), DOKKU_DEPLOY_REVISION: revision };
      },
      rebuilds: [
        [
          ['-----> Building shop from Dockerfile', '=====> Application deployed:', '       http://shop.test'],
          locked,
        ],
      ],
      isKnown: false,
    });
    expect([shown.came, shown.asked.filter((line) => !line.startsWith('git:report'))]).toMatchObject([
      came,
      asked,
    ]);
  });

  test('is not looked for when the host was observed just before', async () => {
    const shown = await shipTo(deployed, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { checkFirst: false },
    });
    expect(shown.came).toMatchObject({ shipped: true });
  });

  test('is looked for after a wait, however fresh the first look was', async () => {
    const shown = await shipTo(`[ -e waited ] && { ${deployed}; exit; }; touch waited; ${busy}`, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { checkFirst: false },
    });
    expect(shown.came).toMatchObject({ code: 'superseded' });
  });

  test('is looked for if the deploy branch has moved since the host was observed', async () => {
    const shown = await shipTo(deployed, {
      source,
      reports,
      configs: [recordOf('03')],
      step: { checkFirst: false },
      wrap: (command) => `${otherPush}; ${command}`,
    });
    expect(shown.came).toMatchObject({ code: 'superseded' });
  });

  // Git counts the HEAD of each work tree as a commit that it has. Dokku removes that of a build while another push is received. Git
  // then finds the pushed commit incomplete, and runs the hook anyway, which meets the lock of that build.
  const withRemovedWorkTree = (command: string): string =>
    `if [ -e rejected ]; then rm -rf worktrees; ${command}; else touch rejected; mkdir -p worktrees/build; ` +
    `echo ${'e'.repeat(40)} > worktrees/build/HEAD; echo ../.. > worktrees/build/commondir; echo /removed/.git > worktrees/build/gitdir; ${command}; fi`;

  test.each([
    ['newer', '03', { code: 'superseded' }, false],
    ['older', '01', { shipped: true }, true],
  ])(
    'is looked for before a push that the host rejected is repeated in full: %s',
    async (_, date, came, pushed) => {
      const shown = await shipTo(`[ -e worktrees ] && { ${busy}; }; ${deployed}`, {
        source,
        reports,
        configs: [recordOf(date)],
        step: { checkFirst: false },
        wrap: withRemovedWorkTree,
      });
      expect([shown.came, hasPushed(shown)]).toMatchObject([came, pushed]);
    },
  );

  test('is not asked about on a host that cannot list its builds', async () => {
    const unknown: CommandResult = {
      kind: 'refused',
      exit: 1,
      stdout: '',
      stderr: ' !     `builds:list` is not a dokku command.',
    };
    const shown = await shipTo(deployed, { source, builds: [unknown] });
    expect([shown.came, shown.asked]).toMatchObject([{ shipped: true }, []]);
  });
});
