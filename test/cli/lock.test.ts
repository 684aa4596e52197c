import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLock, readLock } from '../../src/plan/lock.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const zoe = {
  GITLAB_CI: 'true',
  GITLAB_USER_NAME: 'Zoé',
  CI_JOB_URL: 'https://gitlab.example.com/shop/-/jobs/7',
};
const now = () => Date.parse('2026-01-12T09:41:30Z');

/** Locks an environment as Zoé does in a job. */
const lock = (
  environment: string,
  reason: string,
  by: Readonly<Record<string, string>> = zoe,
): Promise<ProgramResult> =>
  runProgram({
    argv: ['lock', environment, reason],
    cwd: shop.repository.folder,
    env: {
      ...shop.sandbox.env,
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_PROJECT_NAME: 'shop',
      ...by,
    },
    now,
  });

/** The commands that the host got from here on, by their first word. */
const recordCommands = () => {
  const from = shop.sandbox.journal.commands.length;
  return () => shop.sandbox.journal.commands.slice(from).map(({ line }) => line.split(' ')[0]);
};

const changes = /^(git-receive-pack|--quiet|config:(import|set|unset)|apps:create|git:(sync|from)|ps:re)/;

describe('a locked environment', () => {
  const said =
    'shop is locked by Zoé since 2026-01-12 09:41 UTC: the disk is full (https://gitlab.example.com/shop/-/jobs/7)';

  beforeAll(async () => {
    await shop.deploy('staging', 'one');
    await shop.deploy('production', 'one');
    const { exit, stdout, stderr } = await lock('production', ' the disk\nis full ');
    expect([exit, stdout], stderr).toEqual([
      0,
      expect.stringMatching(/^shop on dokku@\S+ is locked by Zoé since /),
    ]);
  });

  test.each(['deploy production', 'promote staging production', 'rollback production'])(
    'is not changed by %s, which names the reason, who locked it and when',
    async (words) => {
      shop.repository.commit({ 'index.html': words });
      const commands = recordCommands();
      const { exit, stderr } = await shop.run(words);
      expect([exit, stderr]).toEqual([6, expect.stringContaining(`Nothing was deployed: ${said}.`)]);
      expect(stderr).toContain('dokku-deploy unlock production');
      expect(commands().filter((word) => changes.test(word ?? ''))).toEqual([]);
      expect(await shop.page('shop')).toBe('one');
    },
  );

  test('still has a plan, which says so', async () => {
    const { exit, stdout } = await shop.run('deploy production --dry-run');
    expect([exit, stdout]).toEqual([
      0,
      expect.stringContaining(`${said}; it is not deployed to without --during-lock`),
    ]);
  });

  test('is shown by status and releases', async () => {
    const status = await shop.runOutside('status production');
    expect(status.stdout).toContain(`Deploy: locked by Zoé since 2026-01-12 09:41 UTC: the disk is full`);
    expect(status.stdout).toMatch(/^Last deploys:\n {2}1 {2}[0-9a-f]{8} {2}20\S+ \S+ UTC {2}running$/m);
    expect((await shop.runOutside('releases production')).stdout).toContain(said);
    const json = JSON.parse((await shop.runOutside('status production --format json')).stdout);
    expect(json).toMatchObject({
      lock: { reason: 'the disk is full', by: 'Zoé', at: '2026-01-12T09:41:30.000Z' },
    });
    expect(json.releases).toMatchObject([{ number: 1, outcome: 'deployed' }]);
  });

  test('is not locked again for another reason or by someone else, but for the same', async () => {
    const again = [
      await lock('production', 'the disk is full'),
      await lock('production', 'a migration runs'),
      await lock('production', 'the disk is full', { USER: 'ana' }),
    ];
    expect(again.map(({ exit }) => exit)).toEqual([0, 6, 6]);
    expect(again[1]?.stderr).toContain('shop is already locked by Zoé');
    expect((await shop.runOutside('status production')).stdout).toContain('the disk is full');
  });

  test('does not hold back another environment', async () => {
    shop.repository.commit({ 'index.html': 'two' });
    expect((await shop.run('deploy staging')).exit).toBe(0);
  });

  test('is rolled back and deployed to with --during-lock, which the log does not hide', async () => {
    const commit = shop.repository.commit({ 'index.html': 'three' });
    const deployed = await shop.run('deploy production --during-lock');
    expect([deployed.exit, await shop.page('shop')], deployed.stderr).toEqual([0, 'three']);
    expect(deployed.stderr).toContain(`${said}; it is deployed to anyway`);
    const back = await shop.run('rollback production --during-lock');
    expect([back.exit, await shop.page('shop')], back.stderr).toEqual([0, 'one']);
    const promoted = await shop.run('promote staging production --during-lock');
    expect([promoted.exit, await shop.page('shop')], promoted.stderr).toEqual([0, 'two']);
    expect((await shop.releases('production')).map((release) => release.commit)).toContain(commit);
    expect(readLock(shop.config('shop'))?.reason).toBe('the disk is full');
  });

  test('can be deployed to after unlock, which names the lock that it removes', async () => {
    const first = await shop.runOutside('unlock production');
    expect([first.exit, first.stdout]).toEqual([
      0,
      expect.stringContaining('is unlocked; it was locked by Zoé'),
    ]);
    const second = await shop.runOutside('unlock production --format json');
    expect([second.exit, JSON.parse(second.stdout)]).toEqual([
      0,
      expect.objectContaining({ app: 'shop', locked: false }),
    ]);
    shop.repository.commit({ 'index.html': 'four' });
    expect((await shop.run('deploy production')).exit).toBe(0);
    expect(shop.config('shop').has('DOKKU_DEPLOY_LOCK')).toBe(false);
  });
});

describe('lock', () => {
  test('stops a deploy between its plan and its push, even if another write loses the lock at first', async () => {
    const before = await shop.page('shop-staging');
    shop.repository.commit({ 'index.html': 'late', '.dokku-deploy.yml': 'env: {NEW: value}\n' });
    const { faults } = shop.sandbox;
    const write = /config:import .*shop-staging/;
    const loseLock = () => {
      const app = shop.app('shop-staging');
      app.envFile = app.envFile.replace(/^.*DOKKU_DEPLOY_LOCK.*\n/m, '');
    };
    faults.inject(write, {
      kind: 'then',
      call: () => {
        faults.inject(write, { kind: 'then', call: loseLock });
        return lock('staging', 'an incident');
      },
    });
    const { exit, stderr } = await shop.run('deploy staging');
    expect([exit, stderr]).toEqual([6, expect.stringContaining('shop-staging is locked by Zoé')]);
    expect([await shop.page('shop-staging'), faults.pending()]).toEqual([before, []]);
    expect(readLock(shop.config('shop-staging'))?.reason).toBe('an incident');
  });

  test('refuses an app that is missing or another environment’s, and a reason that is empty or long', async () => {
    const refused = [
      await lock('nowhere', 'x'),
      await shop.run('lock other x --app shop'),
      await lock('production', '  '),
      await lock('production', 'x'.repeat(301)),
      await shop.run('unlock other --app shop'),
    ];
    expect(refused.map(({ exit }) => exit)).toEqual([4, 4, 2, 2, 4]);
    expect(refused[2]?.stderr).toContain('the reason of the lock: it is empty');
    expect(shop.config('shop').has('DOKKU_DEPLOY_LOCK')).toBe(false);
  });
});

describe('the value of a lock', () => {
  test('is read as it was written, and locks in any other form, too', () => {
    const full = { reason: 'x & y=z "ü"', by: 'Zoé', at: '2026-01-12T09:41:30.000Z', job: undefined };
    expect(readLock(new Map([['DOKKU_DEPLOY_LOCK', formatLock(full)]]))).toEqual(full);
    expect(readLock(new Map([['DOKKU_DEPLOY_LOCK', 'hands off']]))).toMatchObject({
      reason: 'hands off',
      by: undefined,
    });
    expect(readLock(new Map([['DOKKU_DEPLOY_LOCK', '']]))).toMatchObject({ reason: '' });
    expect(readLock(new Map())).toBeUndefined();
    expect(formatLock(full)).not.toMatch(/["'\\\s]/);
  });
});
