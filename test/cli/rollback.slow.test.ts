import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireLock, releaseLock } from '../../sandbox/host/deploy-lock.ts';
import { formatEnv, parseEnv } from '../../sandbox/host/envfile.ts';
import { aShop, type Shop } from '../support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await aShop();
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

/** Deploys two pages to an environment. Returns its app, and the commits. */
const twoReleases = async (environment: string) => {
  const first = await shop.deploy(environment, `${environment} one`);
  const second = await shop.deploy(environment, `${environment} two`);
  return { app: `shop-${environment}`, first, second };
};

const outcomes = async (environment: string) =>
  (await shop.releases(environment)).map(({ number, outcome, running }) =>
    [number, outcome, running ? 'runs' : ''].join(' '),
  );

const deployed = async (app: string): Promise<void> => {
  while (shop.app(app).deployController) await sleep(20);
};

const commandsSince = (before: number): string[] =>
  shop.sandbox.journal.commands.slice(before).map(({ line }) => line);

describe('rollback', () => {
  test('goes back to the previous release without a checkout, sends no code, and records a release', async () => {
    const { app, first, second } = await twoReleases('plain');
    const before = shop.sandbox.journal.commands.length;
    const ran = await shop.runOutside('rollback plain');
    expect([ran.exit, ran.stdout], ran.stderr).toEqual([
      0,
      `http://${app}.localhost:${shop.sandbox.webPort}\n`,
    ]);
    expect(await shop.page(app)).toBe('plain one');
    expect(commandsSince(before).filter((line) => /^git/.test(line))).toEqual([
      `git:report ${app}`,
      expect.stringMatching(new RegExp(`^git:sync --build ${app} /home/dokku/${app} [0-9a-f]{40}$`)),
    ]);
    expect(ran.stderr).toContain(
      `this is a rollback: ${app} goes from ${second.slice(0, 8)} (release 2, of `,
    );
    expect(ran.stderr).toContain('Dokku keeps no old image');
    expect(shop.config(app).get('DOKKU_DEPLOY_COMMIT')).toBe(first);
    expect(await shop.releases('plain')).toMatchObject([
      { number: 3, commit: first, running: true, origin: { kind: 'rollback', to: 1 } },
      { number: 2, commit: second, running: false },
      { number: 1, commit: first },
    ]);
  });

  test('reports the commit that runs, not the job’s', async () => {
    const { first } = await twoReleases('reported');
    const facts = join(shop.repository.folder, 'rollback.json');
    const ran = await shop.run(`rollback reported --facts ${facts}`, { CI_COMMIT_SHA: 'f'.repeat(40) });
    expect(ran.exit, ran.stderr).toBe(0);
    expect(JSON.parse(readFileSync(facts, 'utf8'))).toMatchObject({
      command: 'rollback',
      commit: first,
      result: { kind: 'serving', shipped: true, commit: first },
    });
  });

  test('changes nothing with --dry-run', async () => {
    const { app } = await twoReleases('tried');
    const ran = await shop.runOutside('rollback tried --dry-run');
    expect([ran.exit, ran.stdout]).toEqual([0, expect.stringContaining(`git:sync --build ${app} `)]);
    expect(await shop.page(app)).toBe('tried two');
  });

  test('lets a later deploy of a newer commit, and of the one that it left, pass', async () => {
    const { app, second } = await twoReleases('onward');
    await shop.runOutside('rollback onward');
    const again = await shop.run('deploy onward', { CI_COMMIT_SHA: second });
    expect([again.exit, await shop.page(app)], again.stderr).toEqual([0, 'onward two']);
    expect(again.stderr).not.toContain('this is a rollback');
    await shop.runOutside('rollback onward');
    await shop.deploy('onward', 'onward three');
    expect(await shop.page(app)).toBe('onward three');
  });

  test('is not needed for GitLab’s own button, which runs the old deploy job again', async () => {
    const { app, first } = await twoReleases('button');
    const job = { GITLAB_CI: 'true', CI_ENVIRONMENT_NAME: 'button', CI_COMMIT_SHA: first };
    const ran = await shop.run('deploy', job);
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, 'button one']);
    expect(await outcomes('button')).toEqual(['3 deployed runs', '2 deployed ', '1 deployed ']);
    expect((await shop.runOutside('rollback button')).exit).toBe(0);
    expect(await shop.page(app)).toBe('button two');
  });

  test('waits for a running deploy, and gives way to the newer commit that it deployed', async () => {
    const { app } = await twoReleases('busy');
    const other = new AbortController();
    acquireLock(shop.app(app), 'other', other);
    const running = shop.runOutside('rollback busy');
    await sleep(1_000);
    releaseLock(shop.app(app), other);
    await shop.deploy('busy', 'busy three');
    const ran = await running;
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([6, 'busy three']);
  });

  test('waits for the lock, and goes back then', async () => {
    const { app } = await twoReleases('locked');
    const other = new AbortController();
    acquireLock(shop.app(app), 'other', other);
    const running = shop.runOutside('rollback locked');
    await sleep(1_000);
    releaseLock(shop.app(app), other);
    const ran = await running;
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, 'locked one']);
  });

  test('succeeds twice at once, and goes back once', async () => {
    const { app } = await twoReleases('double');
    await shop.deploy('double', 'double three');
    const both = await Promise.all([shop.runOutside('rollback double'), shop.runOutside('rollback double')]);
    expect(
      both.map(({ exit }) => exit),
      both.map(({ stderr }) => stderr).join('\n'),
    ).toEqual([0, 0]);
    expect(await shop.page(app)).toBe('double two');
    expect(await outcomes('double')).toEqual([
      '4 deployed runs',
      '3 deployed ',
      '2 deployed ',
      '1 deployed ',
    ]);
  });

  /** Deploys three pages, and makes the host look as while it builds the second one again. Returns the app, and how to end that build. */
  const buildingBack = async (environment: string) => {
    const { app: name } = await twoReleases(environment);
    const back = shop.config(name).get('DOKKU_DEPLOY_REVISION') ?? '';
    await shop.deploy(environment, `${environment} three`);
    const app = shop.app(name);
    const { envFile, builds } = app;
    app.envFile = formatEnv(new Map([...parseEnv(envFile), ['GIT_REV', back]]));
    const build = { ...(builds.at(-1) as (typeof builds)[number]), status: 'running' as const };
    builds.push(build);
    const other = new AbortController();
    acquireLock(app, build.id, other);
    const end = () => {
      app.envFile = envFile;
      builds.splice(builds.indexOf(build), 1);
      releaseLock(app, other);
    };
    return { app: name, end };
  };

  test('that starts while another one is building does not build what that one left', async () => {
    const { app, end } = await buildingBack('early');
    const running = shop.runOutside('rollback early');
    await sleep(1_000);
    end();
    expect((await shop.runOutside('rollback early')).exit).toBe(0);
    const ran = await running;
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, 'early two']);
    expect(ran.stderr).toContain('nothing to do');
    expect(await outcomes('early')).toEqual(['4 deployed runs', '3 deployed ', '2 deployed ', '1 deployed ']);
  });

  test('that starts while the build of a killed one goes on records what that one built', async () => {
    const { app, end } = await buildingBack('orphan');
    const running = shop.runOutside('rollback orphan');
    await sleep(1_000);
    end();
    await shop.killAfter('rollback orphan', /^git:sync/);
    const ran = await running;
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, 'orphan two']);
    expect((await shop.releases('orphan')).filter(({ running }) => running)).toMatchObject([
      { number: 4, origin: { kind: 'rollback', to: 2 } },
    ]);
  });

  test.each([
    ['the look at the app', /^builds:list shop-killed-\d/],
    ['the build', /^git:sync/],
    ['the record', /^--quiet config:import/],
  ])('that is killed after %s goes back once when it is run again', async (_, command) => {
    const environment = `killed-${String(command).length}`;
    const { app } = await twoReleases(environment);
    await shop.deploy(environment, 'three');
    await shop.killAfter(`rollback ${environment}`, command);
    await deployed(app);
    const again = await shop.runOutside(`rollback ${environment} --to 2`);
    expect([again.exit, await shop.page(app)], again.stderr).toEqual([0, `${environment} two`]);
    expect((await shop.releases(environment)).filter(({ running }) => running)).toMatchObject([
      { number: 4, origin: { kind: 'rollback', to: 2 } },
    ]);
  });

  test('that is killed during the build goes no further back when it is run again as it was', async () => {
    const { app } = await twoReleases('again');
    await shop.deploy('again', 'again three');
    await shop.killAfter('rollback again', /^git:sync/);
    await deployed(app);
    const again = await shop.runOutside('rollback again');
    expect([again.exit, await shop.page(app)], again.stderr).toEqual([0, 'again two']);
  });

  test.each(['drop-before', 'drop-during', 'drop-after'] as const)(
    'survives a lost connection: %s',
    async (kind) => {
      const { app } = await twoReleases(kind);
      shop.sandbox.faults.inject(/^git:sync/, { kind });
      const ran = await shop.runOutside(`rollback ${kind}`);
      expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, `${kind} one`]);
      expect(await outcomes(kind)).toEqual(['3 deployed runs', '2 deployed ', '1 deployed ']);
    },
  );

  test('whose build fails leaves what runs, notes it, and can be repeated', async () => {
    const { app } = await twoReleases('broken');
    shop.sandbox.faults.inject(/^git:sync/, { kind: 'fail-at', stage: 'release' });
    const ran = await shop.runOutside('rollback broken');
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([4, 'broken two']);
    expect(await outcomes('broken')).toEqual(['3 not-deployed ', '2 deployed runs', '1 deployed ']);
    const again = await shop.runOutside('rollback broken --to 1');
    expect([again.exit, await shop.page(app)], again.stderr).toEqual([0, 'broken one']);
  });

  test('to a release that does not serve fails with exit 5, and notes it', async () => {
    const { app } = await twoReleases('silent');
    shop.sandbox.faults.inject(/^--quiet config:import .*shop-silent/, {
      kind: 'then',
      call: () => shop.app(app).web?.stop?.(),
    });
    const ran = await shop.runOutside('rollback silent');
    expect(ran.exit, ran.stderr).toBe(5);
    expect((await outcomes('silent'))[0]).toBe('3 not-serving runs');
  });

  test('ships the very same snapshot from a checkout if the host has lost it, and refuses without one', async () => {
    const { app, first } = await twoReleases('lost');
    const lost = (await shop.releases('lost'))[1]?.revision ?? '';
    const gitOnHost = (...words: string[]) =>
      spawnSync('git', ['-C', join(shop.sandbox.folder, 'apps', `${app}.git`), ...words], {
        encoding: 'utf8',
      });
    expect(gitOnHost('cat-file', '-t', lost).stdout).toBe('commit\n');
    shop.collect(app);
    expect(gitOnHost('cat-file', '-t', lost).status).toBe(128);
    const trace = () => [gitOnHost('show-ref').stdout, shop.app(app).envFile];
    const before = trace();
    const refused = await shop.runOutside('rollback lost');
    expect([refused.exit, refused.stderr]).toEqual([
      4,
      expect.stringContaining(`The host no longer has the code of ${first.slice(0, 8)}`),
    ]);
    expect([await shop.page(app), trace()]).toEqual(['lost two', before]);
    const ran = await shop.run('rollback lost --to 1');
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([0, 'lost one']);
    expect((await outcomes('lost'))[0]).toBe('3 deployed runs');
  });

  test('does not ship another snapshot of the commit than the one that ran', async () => {
    const { app } = await twoReleases('changed');
    shop.collect(app);
    shop.repository.commit({
      '.dokku-deploy.yml': 'source: {include: [built]}\n',
      '.gitignore': 'built\n',
      built: 'x',
    });
    const ran = await shop.run('rollback changed');
    expect([ran.exit, await shop.page(app)], ran.stderr).toEqual([4, 'changed two']);
    expect(ran.stderr).toContain('release-not-found');
  });

  test('refuses the app of another project, and one that does not exist', async () => {
    await twoReleases('owned');
    const foreign = await shop.runOutside('rollback owned', { CI_PROJECT_ID: '43' });
    expect([foreign.exit, foreign.stderr]).toEqual([4, expect.stringContaining('app-not-ours')]);
    const missing = await shop.runOutside('rollback nowhere');
    expect([missing.exit, missing.stderr]).toEqual([4, expect.stringContaining('no app shop-nowhere')]);
    expect(shop.sandbox.state.apps.has('shop-nowhere')).toBe(false);
  });
});

describe('rollback: true', () => {
  const asked = '.dokku-deploy.yml';
  const settings = 'rollback: true\nprobe: {text: healthy, within: 1s}\n';

  test('takes an environment back whose new version does not answer as it must, and still fails with exit 5', async () => {
    await using other = await aShop();
    const first = await other.deploy('live', 'healthy one', { [asked]: settings });
    await other.deploy('live', 'healthy two');
    const third = other.repository.commit({ 'index.html': 'sick' });
    const ran = await other.run('deploy live --facts facts.json');
    expect([ran.exit, await other.page('shop-live')], ran.stderr).toEqual([5, 'healthy two']);
    expect(ran.stderr).toMatch(/Roll shop-live back to [0-9a-f]{8} \(release 2\)/);
    expect(ran.stderr).toMatch(/does not serve.* It was rolled back to [0-9a-f]{8}, which runs now\./);
    expect(JSON.parse(readFileSync(join(other.repository.folder, 'facts.json'), 'utf8'))).toMatchObject({
      exitCode: 5,
      error: { code: 'not-serving', message: expect.stringContaining('It was rolled back to') },
    });
    expect(await other.releases('live')).toMatchObject([
      { number: 4, outcome: 'deployed', running: true, origin: { kind: 'rollback', to: 2 } },
      { number: 3, outcome: 'not-serving', commit: third },
      { number: 2 },
      { number: 1, commit: first },
    ]);
    // The same job again deploys it again, and takes it back again.
    const again = await other.run('deploy live');
    expect([again.exit, await other.page('shop-live')], again.stderr).toEqual([5, 'healthy two']);
  });

  test('leaves the first deploy of an app as it is, and says so', async () => {
    await using other = await aShop();
    other.repository.commit({ 'index.html': 'sick', [asked]: settings });
    const ran = await other.run('deploy live');
    expect([ran.exit, await other.page('shop-live')], ran.stderr).toEqual([5, 'sick']);
    expect(ran.stderr).toContain(
      'It was not rolled back: There is no release of shop-live before the one that runs.',
    );
    expect(ran.stderr).not.toContain('Rolling back');
    const again = await other.run('deploy live');
    expect([again.exit, (await other.releases('live')).length]).toEqual([5, 1]);
  });

  test('reports a way back that fails, and does not go back twice', async () => {
    await using other = await aShop();
    await other.deploy('live', 'healthy one', { [asked]: settings });
    other.sandbox.faults.inject(/^git:sync/, { kind: 'fail-at', stage: 'build' });
    other.repository.commit({ 'index.html': 'sick' });
    const ran = await other.run('deploy live');
    expect([ran.exit, await other.page('shop-live')], ran.stderr).toEqual([5, 'sick']);
    expect(ran.stderr).toContain('It was not rolled back: ');
    expect((await other.releases('live')).map(({ outcome }) => outcome)).toEqual([
      'not-deployed',
      'not-serving',
      'deployed',
    ]);
  });

  test('is off by default', async () => {
    await using other = await aShop();
    await other.deploy('live', 'healthy one', { [asked]: 'probe: {text: healthy, within: 1s}\n' });
    other.repository.commit({ 'index.html': 'sick' });
    expect([(await other.run('deploy live')).exit, await other.page('shop-live')]).toEqual([5, 'sick']);
  });

  test('does not look for the text of the new commit in the old version, nor does rollback', async () => {
    await using other = await aShop();
    const settings = 'rollback: true\nprobe: {text: $CI_COMMIT_SHORT_SHA, within: 1s}\n';
    const deploy = (text: string, shown: string) => {
      const commit = other.repository.commit({ 'index.html': text, [asked]: settings });
      return other.run('deploy live', { CI_COMMIT_SHA: commit, CI_COMMIT_SHORT_SHA: shown });
    };
    expect((await deploy('this is one', 'one')).exit).toBe(0);
    expect((await deploy('this is two', 'two')).exit).toBe(0);
    const ran = await deploy('sick', 'three');
    expect([ran.exit, await other.page('shop-live')], ran.stderr).toEqual([5, 'this is two']);
    expect(ran.stderr).toMatch(/It was rolled back to [0-9a-f]{8}, which runs now\./);
    const back = await other.run('rollback live', { CI_COMMIT_SHORT_SHA: 'three' });
    expect([back.exit, await other.page('shop-live')], back.stderr).toEqual([0, 'this is one']);
    expect((await other.releases('live')).map(({ outcome }) => outcome)).toEqual([
      'deployed',
      'deployed',
      'not-serving',
      'deployed',
      'deployed',
    ]);
  });

  test('takes a promotion back too', async () => {
    await using other = await aShop();
    await other.deploy('live', 'healthy one', {
      [asked]: 'environments: {test: {}, live: {rollback: true, probe: {text: healthy, within: 1s}}}\n',
    });
    await other.deploy('test', 'sick');
    const [promoted] = await other.releases('test');
    const ran = await other.run('promote test live', { CI_COMMIT_SHA: promoted?.commit ?? '' });
    expect([ran.exit, await other.page('shop-live')], ran.stderr).toEqual([5, 'healthy one']);
  });
});
