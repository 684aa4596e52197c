import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireLock, releaseLock } from '../../sandbox/host/deploy-lock.ts';
import { aShop, type Shop } from '../support/shop.ts';
import { connectTo, publicKeyOf, runOver } from '../support/ssh.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** Deploys an older commit to one environment and a newer one to another. Returns the newer one. */
const twoEnvironments = async (name: string) => {
  const older = await shop.deploy(`${name}-live`, `${name} one`);
  const newer = await shop.deploy(`${name}-test`, `${name} two`);
  return {
    older,
    newer,
    live: `shop-${name}-live`,
    from: `shop-${name}-test`,
    words: `promote ${name}-test ${name}-live`,
  };
};

const commandsSince = (before: number): string[] =>
  shop.sandbox.journal.commands.slice(before).map(({ line }) => line);

describe('promote', () => {
  test('deploys what runs in one environment to the other without a checkout, and sends no code', async () => {
    const { newer, live, from, words } = await twoEnvironments('plain');
    shop.app(live).envFile += 'KEPT="yes"\n';
    const before = shop.sandbox.journal.commands.length;
    const ran = await shop.runOutside(words);
    expect([ran.exit, ran.stdout], ran.stderr).toEqual([
      0,
      `http://${live}.localhost:${shop.sandbox.webPort}\n`,
    ]);
    expect(await shop.page(live)).toBe('plain two');
    expect(commandsSince(before).filter((line) => /^git[:-]/.test(line))).toEqual([
      `git:report ${live}`,
      expect.stringMatching(new RegExp(`^git:sync --build ${live} /home/dokku/${from} [0-9a-f]{40}$`)),
    ]);
    expect(shop.config(live).get('KEPT')).toBe('yes');
    expect(shop.config(live).get('DOKKU_DEPLOY_COMMIT')).toBe(newer);
    expect((await shop.releases('plain-live'))[0]).toMatchObject({
      commit: newer,
      running: true,
      origin: { kind: 'promote', from },
    });
  });

  test('names the commits that it adds if the history is there', async () => {
    const { older, newer, live, words } = await twoEnvironments('listed');
    const ran = await shop.run(`${words} --dry-run`);
    expect(ran.exit, ran.stderr).toBe(0);
    expect(ran.stdout).toContain(`${live} goes from ${older.slice(0, 8)} to ${newer.slice(0, 8)}`);
    expect(ran.stdout).toContain(`  - 1 commit is added\n  - ${newer.slice(0, 8)} Change it\n`);
    expect(await shop.page(live)).toBe('listed one');
  });

  test('is a success without a build if the other environment has it, and again after it was killed', async () => {
    const { newer, live, words } = await twoEnvironments('twice');
    await shop.killAfter(words, /^git:sync/);
    while (shop.app(live).deployController) await sleep(20);
    expect(shop.config(live).get('DOKKU_DEPLOY_COMMIT')).not.toBe(newer);
    for (let time = 1; time <= 2; time += 1) {
      const before = shop.sandbox.journal.commands.length;
      const again = await shop.runOutside(words);
      expect([again.exit, await shop.page(live)], again.stderr).toEqual([0, 'twice two']);
      expect(again.stderr).toContain(`already runs ${newer.slice(0, 8)}`);
      expect(commandsSince(before).filter((line) => line.startsWith('git:sync'))).toEqual([]);
    }
    expect((await shop.releases('twice-live')).map(({ commit }) => commit)).toEqual([
      newer,
      expect.any(String),
    ]);
  });

  test('runs the migrations on the other app', async () => {
    await shop.deploy('data-live', 'one');
    const predeploy = 'echo "migrating $DATABASE"';
    await shop.deploy('data-test', 'two', {
      'app.json': JSON.stringify({ scripts: { dokku: { predeploy } } }),
    });
    shop.app('shop-data-live').envFile += 'DATABASE="live"\n';
    const ran = await shop.runOutside('promote data-test data-live');
    expect([ran.exit, ran.stderr]).toEqual([0, expect.stringContaining('migrating live')]);
    shop.repository.git('rm', '--quiet', 'app.json');
  });

  test('refuses what failed, and what would undo a newer commit', async () => {
    const { live, words } = await twoEnvironments('refused');
    shop.sandbox.faults.inject(/^git-receive-pack 'shop-refused-test'/, { kind: 'fail-at', stage: 'check' });
    await expect(shop.deploy('refused-test', 'refused three')).rejects.toThrow();
    const failed = await shop.runOutside(words);
    expect([failed.exit, failed.stderr]).toEqual([4, expect.stringContaining('not-promotable')]);
    await shop.run('deploy refused-live');
    await shop.deploy('refused-test', 'refused four');
    await shop.deploy('refused-live', 'refused five');
    const older = await shop.run(words);
    expect([older.exit, older.stderr]).toEqual([4, expect.stringContaining('older-commit')]);
    // In a job with an environment too: GitLab does not know what runs in the other one.
    const job = { GITLAB_CI: 'true', CI_ENVIRONMENT_NAME: 'refused-live' };
    expect((await shop.run(words, job)).exit).toBe(4);
    expect(await shop.page(live)).toBe('refused five');
    const told = await shop.run(`${words} --allow-older`);
    expect([told.exit, await shop.page(live)], told.stderr).toEqual([0, 'refused four']);
  });

  test('gives way to a newer commit that is deployed while it waits', async () => {
    const { live, words } = await twoEnvironments('waiting');
    const other = new AbortController();
    acquireLock(shop.app(live), 'other', other);
    const running = shop.runOutside(words);
    await sleep(1_000);
    releaseLock(shop.app(live), other);
    await shop.deploy('waiting-live', 'waiting three');
    const ran = await running;
    expect([ran.exit, await shop.page(live)], ran.stderr).toEqual([6, 'waiting three']);
  });

  test('whose build fails leaves what runs there, and can be repeated', async () => {
    const { live, words } = await twoEnvironments('broken');
    shop.sandbox.faults.inject(/^git:sync/, { kind: 'fail-at', stage: 'build' });
    const ran = await shop.runOutside(words);
    expect([ran.exit, await shop.page(live)], ran.stderr).toEqual([4, 'broken one']);
    const again = await shop.runOutside(words);
    expect([again.exit, await shop.page(live)], again.stderr).toEqual([0, 'broken two']);
  });

  test.each(['drop-before', 'drop-during', 'drop-after'] as const)(
    'survives a lost connection: %s',
    async (kind) => {
      const { live, words } = await twoEnvironments(kind);
      shop.sandbox.faults.inject(/^git:sync/, { kind });
      const ran = await shop.runOutside(words);
      expect([ran.exit, await shop.page(live)], ran.stderr).toEqual([0, `${kind} two`]);
    },
  );

  test('with --commit deploys a pipeline’s own commit, also when it is run again as a rollback', async () => {
    const { older, newer, live, words } = await twoEnvironments('pinned');
    const newest = await shop.deploy('pinned-test', 'pinned three');
    const job = { GITLAB_CI: 'true', CI_ENVIRONMENT_NAME: 'pinned-live' };
    // Git does not fetch what no branch of the other app holds. Dokku would move this app's branch before it noticed.
    const branch = () =>
      spawnSync('git', ['-C', join(shop.sandbox.folder, 'apps', `${live}.git`), 'show-ref'], {
        encoding: 'utf8',
      }).stdout;
    const before = branch();
    const gone = await shop.runOutside(`${words} --commit ${newer}`, job);
    expect([gone.exit, gone.stderr]).toEqual([4, expect.stringContaining('Nothing was changed')]);
    expect([branch(), await shop.page(live)]).toEqual([before, 'pinned one']);
    // A checkout of the commit ships it again.
    const late = await shop.run(`${words} --commit ${newer}`, job);
    expect([late.exit, await shop.page(live)], late.stderr).toEqual([0, 'pinned two']);
    expect((await shop.run(`${words} --commit ${newest}`, job)).exit).toBe(0);
    const back = await shop.runOutside(`${words} --commit ${newer}`, job);
    expect([back.exit, await shop.page(live)], back.stderr).toEqual([0, 'pinned two']);
    const never = await shop.runOutside(`${words} --commit ${'d'.repeat(40)}`, job);
    expect([never.exit, never.stderr]).toEqual([4, expect.stringContaining('has no release of dddddddd')]);
    expect(older).not.toBe(newer);
  });

  test('goes to a new app that an operator made, and refuses one that does not exist', async () => {
    const commit = await shop.deploy('new-test', 'new one');
    const missing = await shop.runOutside('promote new-test new-live');
    expect([missing.exit, missing.stderr]).toEqual([4, expect.stringContaining('no app shop-new-live')]);
    const connection = await connectTo(shop.sandbox);
    await runOver(connection, 'apps:create shop-new-live');
    connection.end();
    const ran = await shop.runOutside('promote new-test new-live');
    expect([ran.exit, await shop.page('shop-new-live')], ran.stderr).toEqual([0, 'new one']);
    expect(ran.stderr).toContain(
      'shop-new-live had no owner; from now on it belongs to the environment new-live',
    );
    expect(await shop.releases('new-live')).toMatchObject([{ number: 1, commit, running: true }]);
  });

  test('refuses one app for both, and one environment only', async () => {
    const same = await shop.runOutside('promote staging production', { DOKKU_APP: 'shop' });
    expect([same.exit, same.stderr]).toEqual([2, expect.stringContaining('are the same app, shop')]);
    expect((await shop.runOutside('promote staging')).exit).toBe(2);
    const offline = await shop.runOutside('promote staging production --dry-run --offline');
    expect([offline.exit, offline.stderr]).toEqual([
      4,
      expect.stringContaining('There is no app shop on the host'),
    ]);
  });
});

describe('promote to another host', () => {
  /** The variables of a job that knows two hosts: the shop's, and one with the same key. */
  const twoHosts = async () => {
    const other = await aShop({ authorizedKeys: [publicKeyOf(shop.sandbox.privateKey)] });
    const hosts = `environments:
  far-test: {host: "127.0.0.1:${shop.sandbox.port}", app: far}
  far-live: {host: "127.0.0.1:${other.sandbox.port}", app: far}
`;
    writeFileSync(join(shop.repository.folder, 'hosts.yml'), hosts);
    const env = {
      DOKKU_HOST: '',
      SSH_KNOWN_HOSTS: shop.sandbox.knownHosts + other.sandbox.knownHosts,
    };
    const run = (words: string) => shop.run(`${words} --config hosts.yml`, env);
    return { other, run };
  };

  test('sends what the one host has to the other, and nothing of the checkout', async () => {
    const { other, run } = await twoHosts();
    await using _ = other;
    shop.repository.commit({ 'index.html': 'far one' });
    for (const environment of ['far-test', 'far-live'])
      expect((await run(`deploy ${environment}`)).exit).toBe(0);
    const newer = shop.repository.commit({ 'index.html': 'far two', 'large.txt': 'x'.repeat(200_000) });
    expect((await run('deploy far-test')).exit).toBe(0);
    shop.repository.commit({ 'index.html': 'not this one' });
    const ran = await run('promote far-test far-live');
    expect([ran.exit, await other.page('far')], ran.stderr).toEqual([0, 'far two']);
    expect(other.config('far').get('DOKKU_DEPLOY_COMMIT')).toBe(newer);
    expect(other.config('far').get('DOKKU_DEPLOY_REVISION')).toBe(
      shop.config('far').get('DOKKU_DEPLOY_REVISION'),
    );
    const before = other.sandbox.journal.commands.length;
    const again = await run('promote far-test far-live');
    expect([again.exit, again.stderr]).toEqual([0, expect.stringContaining('already runs this commit')]);
    const lines = other.sandbox.journal.commands.slice(before).map(({ line }) => line);
    expect(lines.filter((line) => line.startsWith('config:import'))).toEqual([]);
    const back = await run('rollback far-live');
    expect([back.exit, await other.page('far')], back.stderr).toEqual([0, 'far one']);
  });

  test.each(['drop-before', 'drop-during', 'drop-after'] as const)(
    'survives a lost connection to either host: %s',
    async (kind) => {
      const { other, run } = await twoHosts();
      await using _ = other;
      for (const [host, command] of [
        [shop, /^git-upload-pack 'far'/],
        [other, /^git-receive-pack 'far'/],
      ] as const) {
        shop.repository.commit({ 'index.html': 'far one' });
        expect((await run('deploy far-live')).exit).toBe(0);
        shop.repository.commit({ 'index.html': `far ${kind} ${String(command)}` });
        expect((await run('deploy far-test')).exit).toBe(0);
        host.sandbox.faults.inject(command, { kind });
        const ran = await run('promote far-test far-live');
        expect([ran.exit, await other.page('far')], ran.stderr).toEqual([
          0,
          `far ${kind} ${String(command)}`,
        ]);
        expect(host.sandbox.faults.pending()).toEqual([]);
      }
    },
  );

  test('whose build fails leaves what runs there', async () => {
    const { other, run } = await twoHosts();
    await using _ = other;
    shop.repository.commit({ 'index.html': 'far one' });
    expect((await run('deploy far-live')).exit).toBe(0);
    shop.repository.commit({ 'index.html': 'far two' });
    expect((await run('deploy far-test')).exit).toBe(0);
    other.sandbox.faults.inject(/^git-receive-pack 'far'/, { kind: 'fail-at', stage: 'build' });
    const ran = await run('promote far-test far-live');
    expect([ran.exit, await other.page('far')], ran.stderr).toEqual([4, 'far one']);
  });
});
