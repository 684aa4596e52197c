import { describe, expect, test } from 'vitest';
import type { HostState } from '../../src/plan/host-state.ts';
import { openQuestions } from '../../src/plan/questions.ts';
import { formatReleases, type Release } from '../../src/plan/releases.ts';
import { describeStatus } from '../../src/plan/status.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const context = aContext({ command: 'status', app: 'shop', environment: 'production' });
const id = (digit: string) => digit.repeat(40);

const aRelease = (number: number, more: Partial<Release> = {}): Release => ({
  number,
  commit: id(String(number)),
  committedAt: undefined,
  revision: id('abcdef'.charAt(number)),
  at: undefined,
  outcome: 'deployed',
  origin: { kind: 'deploy' },
  scripts: undefined,
  job: undefined,
  user: undefined,
  ...more,
});

/** The status of an app with these releases, the newest first, whose last attempt was of this revision. */
const statusOf = (attempted: string, releases: readonly Release[], hostState: HostState) => {
  const app = stateOf('shop', {
    GIT_REV: attempted,
    DOKKU_DEPLOY_RELEASES: formatReleases('shop', releases),
  });
  return describeStatus(context, app, { running: 'true', ...hostState });
};

describe('the status of an app', () => {
  test('names the release of the revision that the web process was started with', () => {
    const releases = [aRelease(2), aRelease(1)];
    const status = statusOf(id('c'), releases, { revision: id('c'), startedWith: id('c') });
    expect(status).toMatchObject({ state: 'running', commit: id('2'), revision: id('c') });
    expect([status.release?.number, status.attempted]).toEqual([2, undefined]);
  });

  test('names what still runs after a failed deploy, and what was tried', () => {
    const releases = [aRelease(2, { outcome: 'not-deployed' }), aRelease(1)];
    const status = statusOf(id('c'), releases, { revision: id('b'), startedWith: id('b') });
    expect(status).toMatchObject({ commit: id('1'), attempted: id('c') });
  });

  test('names the version whose postdeploy script failed, since it runs', () => {
    const releases = [aRelease(2, { outcome: 'postdeploy-failed' }), aRelease(1)];
    const status = statusOf(id('c'), releases, { revision: id('b'), startedWith: id('c') });
    expect(status).toMatchObject({ commit: id('2'), attempted: undefined });
  });

  test('names the last successful deploy of an app without a web process', () => {
    const status = statusOf(id('b'), [aRelease(1)], { revision: id('b'), running: 'false' });
    expect(status).toMatchObject({ state: 'stopped', commit: id('1'), attempted: undefined });
  });

  test('names the image of a release that came from one', () => {
    const image = 'registry.example.com/shop@sha256:1';
    const status = statusOf(id('b'), [aRelease(1, { image })], { revision: image, startedWith: id('b') });
    expect(status).toMatchObject({ commit: id('1'), revision: image, attempted: undefined });
  });

  test('names no commit if what runs was not recorded', () => {
    const status = statusOf(id('e'), [aRelease(1)], { revision: id('e'), startedWith: id('e') });
    expect(status).toMatchObject({ commit: undefined, release: undefined, revision: id('e') });
  });

  test('names the commit that version 1.0.0 recorded without a revision', () => {
    const app = stateOf('shop', { GIT_REV: id('b'), DOKKU_DEPLOY_COMMIT: id('1') });
    const { commit } = describeStatus(context, app, { revision: id('b'), startedWith: id('b') });
    expect(commit).toBe(id('1'));
  });

  test.each([
    ['running', 'true'],
    ['mixed', 'mixed'],
    ['stopped', 'false'],
    ['unknown', ''],
  ] as const)('is %s if the host reports %j', (state, running) => {
    const hostState = { revision: id('b'), running };
    expect(statusOf(id('b'), [aRelease(1)], hostState).state).toBe(state);
  });

  test('is not-deployed before the first deploy', () => {
    const status = describeStatus(context, stateOf('shop', {}), { running: 'false' });
    expect(status).toMatchObject({ state: 'not-deployed', commit: undefined, revision: undefined });
  });
});

describe('the questions of status', () => {
  const questions = openQuestions(context, {});

  test('are asked in one round', () => {
    expect(questions.map(({ command }) => command.words.join(' '))).toEqual([
      'config:export --format json shop',
      'apps:report shop',
      'urls shop',
      'ps:report shop --running',
      'enter shop web printenv GIT_REV',
      'builds:list shop --status running --format json',
    ]);
    expect(openQuestions(context, { app: 'absent' })).toEqual([]);
  });

  test('take what a host refuses to answer as unknown', () => {
    const refused = { kind: 'refused', exit: 1, stdout: '', stderr: '' } as const;
    expect(questions.slice(1).map(({ read }) => read(refused))).toEqual([{}, {}, {}, {}, {}]);
  });

  test('take output that is not a revision for no web process', () => {
    const answered = { kind: 'answered', stdout: '\n', stderr: '' } as const;
    expect(questions[4]?.read(answered)).toEqual({});
    expect(questions[4]?.read({ ...answered, stdout: `${id('b')}\n` })).toEqual({ startedWith: id('b') });
  });
});
