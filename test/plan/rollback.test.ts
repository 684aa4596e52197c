import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { formatOwner } from '../../src/plan/owner.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { formatReleases, type Release } from '../../src/plan/releases.ts';
import { planRollback } from '../../src/plan/rollback.ts';
import { formatStepCommand } from '../../src/plan/text.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const context = aContext({ command: 'rollback', environment: 'production', app: 'shop' });

/** The id of the commit or the snapshot with this letter. */
const id = (letter: string): string => letter.repeat(40);

/** A release of the commit and the snapshot with this letter. */
const release = (number: number, letter: string, more: Partial<Release> = {}): Release => ({
  number,
  commit: id(letter),
  committedAt: `2026-01-0${number}T00:00:00.000Z`,
  revision: id(letter),
  at: `2026-01-0${number}T10:20:30.000Z`,
  outcome: 'deployed',
  origin: { kind: 'deploy' },
  scripts: [],
  job: undefined,
  user: 'Zoé',
  ...more,
});

interface State {
  readonly releases: readonly Release[];
  /** The letter of what the host deployed last with success, and of what it tried last. */
  readonly runs: string;
  readonly tried?: string;
  readonly config?: Record<string, string>;
}

const owner = formatOwner({ app: 'shop', projectId: '42', project: 'group/shop', environment: 'production' });

const hostState = ({ releases, runs, tried = runs, config = {} }: State): HostState => {
  const current = releases.find(({ outcome }) => outcome === 'deployed');
  return {
    app: stateOf('shop', {
      DOKKU_DEPLOY_OWNER: owner,
      DOKKU_DEPLOY_COMMIT: current?.commit ?? '',
      DOKKU_DEPLOY_REVISION: current?.revision ?? '',
      DOKKU_DEPLOY_RELEASES: formatReleases('shop', releases),
      GIT_REV: id(tried),
      ...config,
    }),
    revision: id(runs),
    folder: '/home/dokku/shop',
  };
};

const planFor = (state: State, release?: string): Plan =>
  planRollback({ ...context, release }, hostState(state));

/** The letter of the commit that a plan goes back to. */
const target = (plan: Plan): string | undefined =>
  plan.steps.find((step) => step.kind === 'ship')?.commit?.[0];

const error = (act: () => unknown): DeployError => {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof DeployError) return thrown;
  }
  throw new Error('nothing was refused');
};

const three = [release(3, 'c'), release(2, 'b'), release(1, 'a')];

describe('the plan of rollback', () => {
  test('has the host build the previous release from the app’s own repository, by its full id', () => {
    const plan = planFor({ releases: three, runs: 'c' });
    expect(plan.steps.map((step) => `${step.title}: ${formatStepCommand(step)}`)).toEqual([
      `Roll shop back to bbbbbbbb (release 2): git:sync --build shop /home/dokku/shop ${id('b')}`,
      expect.stringMatching(/^Record the commit on shop: --quiet config:import .*DOKKU_DEPLOY_RELEASES/),
    ]);
    expect(plan.warnings).toEqual([
      'this is a rollback: shop goes from cccccccc (release 3, of 2026-01-03 10:20 UTC by Zoé) to bbbbbbbb (release 2, of 2026-01-02 10:20 UTC by Zoé)',
    ]);
    expect(plan.notes).toContain('no script of app.json or the Procfile has run since');
  });

  test('goes further back each time', () => {
    const once = [release(4, 'b', { origin: { kind: 'rollback', to: 2 } }), ...three];
    expect(target(planFor({ releases: once, runs: 'b' }))).toBe('a');
    const twice = [release(5, 'a', { origin: { kind: 'rollback', to: 1 } }), ...once];
    expect(error(() => planFor({ releases: twice, runs: 'a' })).code).toBe('release-not-found');
    const after = [release(6, 'd'), ...twice];
    expect(target(planFor({ releases: after, runs: 'd' }))).toBe('a');
  });

  test('goes to the next older version if the target of the last rollback was dropped from the list', () => {
    const back = release(6, 'a', { origin: { kind: 'rollback', to: 1 } });
    const failed = release(5, 'e', { outcome: 'not-serving' });
    const releases = [back, failed, release(4, 'd'), release(3, 'a'), release(2, 'c')];
    expect(target(planFor({ releases, runs: 'a' }))).toBe('d');
    expect(error(() => planFor({ releases: [back, failed, release(3, 'a')], runs: 'a' })).code).toBe(
      'release-not-found',
    );
  });

  test('does not go further back if a killed rollback has not been recorded', () => {
    const plan = planFor({ releases: three, runs: 'b' });
    expect(target(plan)).toBe('b');
  });

  test('builds what still runs again if the last deploy failed, recorded or not', () => {
    const failed = [release(4, 'd', { outcome: 'unhealthy' }), ...three];
    expect(target(planFor({ releases: failed, runs: 'c', tried: 'd' }))).toBe('c');
    expect(target(planFor({ releases: three, runs: 'c', tried: 'd' }))).toBe('c');
  });

  test('does not count a deploy that is running as failed', () => {
    const state = { ...hostState({ releases: three, runs: 'c', tried: 'd' }), isBuilding: true };
    expect(planRollback(context, state)).toMatchObject({
      steps: [{ releases: [id('c'), id('b'), id('a')] }, {}],
      warnings: [expect.stringContaining('only if it fails, cccccccc (release 3, ')],
    });
    const wanted = planRollback({ ...context, release: '3' }, state);
    expect(wanted.steps[0]).toMatchObject({ releases: undefined });
  });

  test('goes where a rollback that is running goes, so that its failure does not bring the bad release back', () => {
    const state = { ...hostState({ releases: three, runs: 'c', tried: 'a' }), isBuilding: true };
    const plan = planRollback(context, state);
    expect([target(plan), plan.warnings?.[0]]).toEqual([
      'a',
      expect.stringContaining('this is a rollback: shop goes from cccccccc'),
    ]);
  });

  test('knows a rollback that is running by its image, of which each deploy has a commit of its own', () => {
    const image = (letter: string) => ({ image: `registry.example.com/shop@sha256:${letter.repeat(64)}` });
    const releases = three.map((one) => ({ ...one, ...image(one.commit.slice(0, 1)) }));
    const state = {
      ...hostState({ releases, runs: 'c', tried: 'e' }),
      revision: image('c').image,
      isBuilding: true,
    };
    const targetOf = (more: Partial<HostState>) => target(planRollback(context, { ...state, ...more }));
    const built = { branchRevision: id('e'), sourceImage: image('a').image };
    expect(targetOf(built)).toBe('a');
    expect(targetOf({ ...built, isBuilding: false })).toBe('c');
    expect(targetOf({ ...built, sourceImage: image('d').image })).toBe('c');
    // A commit is being pushed, and the image is one whose deploy failed before.
    expect(targetOf({ ...built, branchRevision: id('c') })).toBe('c');
  });

  test('leaves a release whose postdeploy script failed, or that does not serve', () => {
    const broken = [release(4, 'd', { outcome: 'postdeploy-failed' }), ...three];
    expect(target(planFor({ releases: broken, runs: 'c', tried: 'd' }))).toBe('c');
    const silent = [release(4, 'd', { outcome: 'not-serving' }), ...three];
    const config = { DOKKU_DEPLOY_COMMIT: id('d'), DOKKU_DEPLOY_REVISION: id('d') };
    expect(target(planFor({ releases: silent, runs: 'd', config }))).toBe('c');
  });

  test('warns if a part of the list of releases cannot be read', () => {
    const readable = formatReleases('shop', three);
    const warn = (list: string) =>
      planFor({ releases: three, runs: 'c', config: { DOKKU_DEPLOY_RELEASES: list } }).warnings;
    expect(warn(`${readable};n=none`)).toEqual([
      expect.anything(),
      'the releases of shop cannot all be read (DOKKU_DEPLOY_RELEASES): another version wrote them, or someone changed them; the next deploy replaces what is unreadable',
    ]);
    expect(warn(readable)).toHaveLength(1);
  });

  test('goes back from a version that dokku-deploy did not record', () => {
    const plan = planFor({ releases: three, runs: 'f' });
    expect([target(plan), plan.warnings?.[0]]).toEqual([
      'c',
      expect.stringContaining('from ffffffff, which dokku-deploy did not record,'),
    ]);
  });

  test.each([
    ['1', 'a'],
    ['aaaaaaa', 'a'],
    ['BBBB', 'b'],
    [id('c'), 'c'],
  ])('goes to the release that --to %s names', (wanted, letter) => {
    expect(target(planFor({ releases: three, runs: 'c' }, wanted))).toBe(letter);
  });

  test.each(['7', 'a', 'dddd', '', '../..', '1.0'])('refuses --to %s, and lists what there is', (wanted) => {
    const { code, remedy } = error(() => planFor({ releases: three, runs: 'c' }, wanted));
    expect([code, remedy]).toEqual([
      'release-not-found',
      expect.stringContaining('3 (cccccccc), 2 (bbbbbbbb), 1 (aaaaaaaa)'),
    ]);
  });

  test('refuses a commit whose releases differ in their files or images, and names their numbers', () => {
    const image = (digit: string) => `registry.example.com/shop@sha256:${digit.repeat(64)}`;
    const two = (one: Partial<Release>, other: Partial<Release>) => [
      release(4, 'd'),
      release(3, 'a', one),
      release(2, 'b'),
      release(1, 'a', other),
    ];
    for (const releases of [
      two({ revision: id('e') }, { revision: id('f') }),
      two({ image: image('1') }, { image: image('2') }),
    ]) {
      expect(error(() => planFor({ releases, runs: 'd' }, 'aaaa'))).toMatchObject({
        code: 'release-not-found',
        remedy: 'Name one by its number with --to: 3, 1.',
      });
      expect(planFor({ releases, runs: 'd' }, '1').steps[0]?.title).toContain('(release 1)');
    }
    const revisions = two({ revision: id('e') }, { revision: id('f') });
    expect(planFor({ releases: revisions, runs: 'd' }, 'ffff').steps[0]?.title).toContain('(release 1)');
    expect(planFor({ releases: two({}, {}), runs: 'd' }, 'aaaa').steps[0]?.title).toContain('(release 3)');
  });

  test('refuses a release that failed', () => {
    const releases = [release(3, 'c'), release(2, 'b', { outcome: 'build-failed' }), release(1, 'a')];
    expect(target(planFor({ releases, runs: 'c' }))).toBe('a');
    expect(error(() => planFor({ releases, runs: 'c' }, '2')).code).toBe('release-not-found');
  });

  test('warns of the scripts that ran since, failed deploys included, and not of those before', () => {
    const releases = [
      release(5, 'e', { scripts: ['predeploy', 'postdeploy'] }),
      release(4, 'd', { outcome: 'release-failed', scripts: ['release'] }),
      release(3, 'c', { origin: { kind: 'rollback', to: 2 }, scripts: ['predeploy'] }),
      release(2, 'b', { scripts: ['predeploy'] }),
      release(1, 'a', { scripts: ['predeploy'] }),
    ];
    const sentence = (names: string) => `scripts have run since, and are not undone: ${names}`;
    expect(planFor({ releases, runs: 'e' }, '3').warnings?.slice(1)).toEqual([
      sentence('predeploy and postdeploy of release 5, release of release 4'),
    ]);
    expect(planFor({ releases, runs: 'e' }, '1').warnings?.slice(1)).toEqual([
      sentence('predeploy and postdeploy of release 5, release of release 4, predeploy of release 2'),
    ]);
  });

  test('says so if it is not known which scripts ran', () => {
    const unknown = 'it is not known whether migrations have run since; they are not undone';
    const releases = [release(3, 'c', { scripts: undefined }), release(2, 'b')];
    expect(planFor({ releases, runs: 'c' }).warnings?.[1]).toBe(unknown);
    expect(planFor({ releases: three, runs: 'f' }, '3').warnings?.[1]).toBe(unknown);
    expect(planFor({ releases: [release(3, 'c'), release(1, 'a')], runs: 'c' }).warnings?.[1]).toBe(unknown);
  });

  test('deploys an image again by its name', () => {
    const image = `registry.example.com/shop@sha256:${'1'.repeat(64)}`;
    const plan = planFor({ releases: [release(2, 'b'), release(1, 'a', { image })], runs: 'b' });
    expect(plan.steps.map(formatStepCommand)[0]).toBe(`git:from-image shop ${image}`);
  });

  test('uses the folder that the host names', () => {
    const state = { ...hostState({ releases: three, runs: 'c' }), folder: '/srv/dokku/shop' };
    expect(formatStepCommand(planRollback(context, state).steps[0] as Plan['steps'][number])).toContain(
      ' /srv/dokku/shop ',
    );
  });

  test('refuses a missing app, another environment’s app, and a review app', () => {
    const other = formatOwner({
      app: 'shop',
      projectId: '42',
      project: 'group/shop',
      environment: 'staging',
    });
    const state = (config: Record<string, string>) => hostState({ releases: three, runs: 'c', config });
    expect(error(() => planRollback(context, { app: 'absent' })).code).toBe('host-refused');
    expect(error(() => planRollback(context, state({ DOKKU_DEPLOY_OWNER: other }))).code).toBe(
      'app-not-ours',
    );
    expect(error(() => planRollback(context, state({ DOKKU_DEPLOY_REVIEW: 'x' }))).code).toBe('app-not-ours');
  });

  test('marks an app that has lost its owner, and leaves its other records alone', () => {
    const app = stateOf('shop', {
      DOKKU_DEPLOY_KEYS: 'A,B',
      DOKKU_DEPLOY_RELEASES: formatReleases('shop', three),
    });
    const [mark] = planRollback(context, { app, revision: id('c') }).steps;
    expect(mark).toMatchObject({ kind: 'configure', command: { stdin: { DOKKU_DEPLOY_OWNER: owner } } });
    expect(Object.keys(mark?.kind === 'configure' ? (mark.command.stdin ?? {}) : {})).toHaveLength(1);
  });
});

test('a rollback of an app whose configuration the host has lost is refused', () => {
  const state = { ...hostState({ releases: three, runs: 'c' }), app: stateOf('shop', {}) };
  expect(error(() => planRollback(context, state))).toMatchObject({
    code: 'host-refused',
    message: expect.stringContaining('The host has lost the configuration of the app shop'),
  });
  const isNew = { ...state, revision: undefined };
  expect(error(() => planRollback(context, isNew)).code).toBe('release-not-found');
});
