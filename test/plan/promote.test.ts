import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { formatOwner } from '../../src/plan/owner.ts';
import { planPromote } from '../../src/plan/promote.ts';
import { formatReleases, type Release } from '../../src/plan/releases.ts';
import { formatStepCommand } from '../../src/plan/text.ts';
import { anAccess } from '../support/access.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

/** The id of the commit or the snapshot with this letter. */
const id = (letter: string): string => letter.repeat(40);

const context = aContext({
  command: 'promote',
  environment: 'production',
  app: 'shop',
  promotion: { environment: 'staging', app: 'shop-staging', access: undefined, commit: undefined },
});

const ownerOf = (app: string, environment: string) =>
  formatOwner({ app, projectId: '42', project: 'group/shop', environment });

/** An app that runs the commit with this letter, from a snapshot with its capital's id. */
const running = (app: string, environment: string, letter: string, more: Record<string, string> = {}) =>
  stateOf(app, {
    DOKKU_DEPLOY_OWNER: ownerOf(app, environment),
    DOKKU_DEPLOY_COMMIT: id(letter),
    DOKKU_DEPLOY_REVISION: id(letter),
    GIT_REV: id(letter),
    ...more,
  });

const staging = (letter: string, more?: Record<string, string>): NonNullable<HostState['from']> => ({
  app: running('shop-staging', 'staging', letter, more),
  revision: id(letter),
  folder: '/home/dokku/shop-staging',
  isBuilding: false,
});

const production = (letter: string, more?: Record<string, string>): HostState => ({
  app: running('shop', 'production', letter, more),
  revision: id(letter),
  folder: '/home/dokku/shop',
});

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof DeployError ? `${error.code}: ${error.message}` : String(error);
  }
  return 'none';
};

const release = (letter: string, more: Partial<Release> = {}): Release => ({
  number: 1,
  commit: id(letter),
  committedAt: undefined,
  revision: id(letter),
  at: undefined,
  outcome: 'deployed',
  origin: { kind: 'deploy' },
  scripts: [],
  job: undefined,
  user: undefined,
  ...more,
});

describe('the plan of promote', () => {
  test('refuses an app whose configuration the host has lost, but not a new one without any', () => {
    const lost = { ...production('a'), app: stateOf('shop', {}), from: staging('b') };
    expect(codeOf(() => planPromote(context, lost))).toContain(
      'host-refused: The host has lost the configuration of the app shop',
    );
    expect(codeOf(() => planPromote(context, { ...lost, revision: undefined }))).toBe('none');
  });

  test('refuses an image from a file for another host, unless the app there has run it', async () => {
    const image = `dokku-deploy.invalid/shop-staging:${'1'.repeat(64)}`;
    const runsImage = { DOKKU_DEPLOY_REVISION: `${image}#${id('b')}` };
    const from = { ...staging('b', runsImage), revision: image };
    const promotion = {
      environment: 'staging',
      app: 'shop-staging',
      access: await anAccess({ port: 22 }),
      commit: undefined,
    };
    const far = { ...context, promotion };
    const state = { ...production('a'), from };
    expect(codeOf(() => planPromote(far, state))).toContain(
      'not-promotable: shop-staging runs an image from a file',
    );
    expect(planPromote(context, state).steps[0]).toMatchObject({ shipment: { kind: 'image', image } });
    const ran = { DOKKU_DEPLOY_RELEASES: formatReleases('shop', [release('a', { image })]) };
    const pinned = { ...far, promotion: { ...promotion, commit: id('a') } };
    expect(planPromote(pinned, { ...production('a', ran), from }).steps[0]).toMatchObject({
      shipment: { kind: 'image', image },
    });
  });

  test('has the host build what runs in one app for the other one, by its full id, and touches nothing else', () => {
    const plan = planPromote(context, {
      ...production('a'),
      from: staging('b'),
      order: 'newer',
      added: { count: 12, subjects: ['bbbbbbbb Say more'] },
    });
    expect(plan.steps.map((step) => `${step.title}: ${formatStepCommand(step)}`)).toEqual([
      `Promote bbbbbbbb from shop-staging to shop: git:sync --build shop /home/dokku/shop-staging ${id('b')}`,
      expect.stringMatching(/^Record the commit on shop: --quiet config:import/),
    ]);
    expect([plan.command, plan.warnings]).toEqual(['promote staging production', []]);
    expect(plan.notes).toEqual([
      'shop goes from aaaaaaaa to bbbbbbbb',
      '12 commits are added',
      'bbbbbbbb Say more',
      'and 11 more',
    ]);
  });

  test('fetches it from the other host if the two are on different ones', async () => {
    const access = await anAccess({ port: 22 });
    const promotion = { environment: 'staging', app: 'shop', access, commit: undefined };
    const from = { ...staging('b'), app: running('shop', 'staging', 'b') };
    const [step] = planPromote({ ...context, promotion }, { ...production('a'), from }).steps;
    expect(step && formatStepCommand(step)).toBe(
      `git-upload-pack 'shop' ${id('b')} | git-receive-pack 'shop' -> refs/heads/master`,
    );
  });

  test('says so if the other app has it already', () => {
    const plan = planPromote(context, { ...production('b'), from: staging('b'), order: 'same' });
    expect(plan.notes).toEqual(['shop already has bbbbbbbb']);
  });

  test('goes to an app that was never deployed', () => {
    const app = stateOf('shop', { DOKKU_DEPLOY_OWNER: ownerOf('shop', 'production') });
    const plan = planPromote(context, { app, from: staging('b') });
    expect(plan.notes).toEqual(['shop has not been deployed yet, and gets bbbbbbbb']);
  });

  test('takes what was pushed by hand, and an image by its name', () => {
    const byHand = { ...staging('b'), app: stateOf('shop-staging', { GIT_REV: id('b') }) };
    expect(planPromote(context, { ...production('a'), from: byHand }).steps[0]).toMatchObject({
      commit: id('b'),
      shipment: { kind: 'sync', revision: id('b') },
    });
    const image = `registry.example.com/shop@sha256:${'1'.repeat(64)}`;
    const ofImage = { ...staging('b', { DOKKU_DEPLOY_REVISION: `${image}#${id('b')}` }), revision: image };
    expect(planPromote(context, { ...production('a'), from: ofImage }).steps[0]).toMatchObject({
      shipment: { kind: 'image', image },
    });
  });

  test.each<[string, NonNullable<HostState['from']>, RegExp]>([
    [
      'whose last deploy failed',
      staging('b', { GIT_REV: id('c') }),
      /^not-promotable: The last deploy of shop-staging failed: it tried cccccccc/,
    ],
    [
      'that does not serve',
      staging('b', {
        DOKKU_DEPLOY_RELEASES: formatReleases('shop-staging', [release('b', { outcome: 'not-serving' })]),
      }),
      /^not-promotable: The last deploy of shop-staging failed \(not-serving\)/,
    ],
    [
      'that was never deployed',
      { app: stateOf('shop-staging', {}) },
      /^not-promotable: shop-staging runs nothing/,
    ],
    ['that is being deployed', { ...staging('b', { GIT_REV: id('c') }), isBuilding: true }, /^busy: /],
    ['that does not exist', { app: 'absent' }, /^host-refused: There is no app shop-staging/],
    [
      'of another project',
      staging('b', {
        DOKKU_DEPLOY_OWNER: formatOwner({
          app: 'shop-staging',
          projectId: '43',
          project: 'group/other',
          environment: 'staging',
        }),
      }),
      /^app-not-ours: /,
    ],
    [
      'of another environment',
      staging('b', { DOKKU_DEPLOY_OWNER: ownerOf('shop-staging', 'testing') }),
      /^app-not-ours: /,
    ],
    ['that is a review app', staging('b', { DOKKU_DEPLOY_REVIEW: 'x' }), /^app-not-ours: /],
  ])('refuses an app %s', (_, from, reason) => {
    expect(codeOf(() => planPromote(context, { ...production('a'), from }))).toMatch(reason);
  });

  test('refuses to replace a newer commit unless told, and warns then', () => {
    const state: HostState = { ...production('c'), from: staging('b'), order: 'older' };
    expect(codeOf(() => planPromote(context, state))).toBe(
      'older-commit: shop runs cccccccc, which is newer than bbbbbbbb of shop-staging.',
    );
    expect(planPromote({ ...context, allowOlder: true }, state).warnings).toEqual([
      'this is a rollback: shop runs cccccccc, which is newer than bbbbbbbb of shop-staging',
    ]);
  });

  test('refuses a missing app, and the app of another project', () => {
    expect(codeOf(() => planPromote(context, { app: 'absent', from: staging('b') }))).toMatch(
      /^host-refused/,
    );
    const foreign = production('a', { DOKKU_DEPLOY_OWNER: ownerOf('shop', 'staging') });
    expect(codeOf(() => planPromote(context, { ...foreign, from: staging('b') }))).toMatch(/^app-not-ours/);
  });
});

describe('the plan of promote --commit', () => {
  const wanting = (commit: string) => ({
    ...context,
    promotion: { environment: 'staging', app: 'shop-staging', access: undefined, commit },
  });
  const list = (app: string, letters: string) => ({
    DOKKU_DEPLOY_RELEASES: formatReleases(
      app,
      [...letters].map((letter, index) => release(letter, { number: index + 1 })),
    ),
  });

  test('takes what runs if it is that commit', () => {
    const [step] = planPromote(wanting(id('b')), { ...production('a'), from: staging('b') }).steps;
    expect(step).toMatchObject({ commit: id('b'), shipment: { folder: '/home/dokku/shop-staging' } });
  });

  test('takes an earlier release, from the app that goes back to it if that has run it', () => {
    const from = staging('c', list('shop-staging', 'abc'));
    const [earlier] = planPromote(wanting('bbbbbbbb'), { ...production('a'), from }).steps;
    expect(earlier).toMatchObject({ commit: id('b'), shipment: { folder: '/home/dokku/shop-staging' } });
    const state = production('c', list('shop', 'abc'));
    const [back] = planPromote(wanting(id('b')), { ...state, from }).steps;
    expect(back).toMatchObject({ commit: id('b'), shipment: { folder: '/home/dokku/shop' } });
  });

  test('refuses a commit that was never deployed there with success', () => {
    const from = staging('c', list('shop-staging', 'abc'));
    expect(codeOf(() => planPromote(wanting(id('d')), { ...production('a'), from }))).toBe(
      'not-promotable: shop-staging has no release of dddddddd that was deployed with success.',
    );
    expect(
      codeOf(() =>
        planPromote(wanting(id('b')), { ...production('a'), from: staging('b', { GIT_REV: id('d') }) }),
      ),
    ).toBe('none');
  });
});
