import { describe, expect, test } from 'vitest';
import { readReleases, recordWrite } from '../../src/plan/deploy-record.ts';
import {
  addRelease,
  findRunningRelease,
  formatReleases,
  parseReleases,
  type Release,
  releaseLimits,
} from '../../src/plan/releases.ts';
import { type Random, seededRandom } from '../support/random.ts';

const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];

const aRelease = (number: number, more: Partial<Release> = {}): Release => ({
  number,
  commit: one,
  committedAt: '2026-01-02T03:04:05.000Z',
  revision: two,
  at: '2026-01-02T03:05:00.000Z',
  outcome: 'deployed',
  origin: { kind: 'deploy' },
  scripts: ['predeploy'],
  job: 'https://gitlab.example.com/group/shop/-/jobs/17',
  user: 'Zoé "Z" Martin; O’Neil',
  ...more,
});

/** A text of any characters: also those that separate the fields, and halves of pairs. */
const anyText = (random: Random): string =>
  Array.from({ length: random.below(random.below(4) === 0 ? 3_000 : 30) }, () =>
    random.pick(['a', '"', '\\', ';', '&', '=', '%', ' ', '\n', 'é', '\ud83d', '😀', '\u0000', ',', ':']),
  ).join('');

const anyRelease = (random: Random): Release => {
  const maybe = () => (random.below(4) === 0 ? undefined : anyText(random));
  const number = 1 + random.below(random.pick([12, 2 ** 40]));
  return aRelease(number, {
    commit: anyText(random),
    committedAt: maybe(),
    revision: maybe(),
    at: maybe(),
    outcome: random.pick(['deployed', 'build-failed', anyText(random)]),
    origin: random.pick([
      { kind: 'deploy' },
      { kind: 'rollback', to: number },
      { kind: 'promote', from: anyText(random) },
    ]),
    scripts: random.pick([{}, { scripts: [] }, { scripts: ['predeploy', anyText(random)] }]).scripts,
    ...random.pick([{}, { image: anyText(random) }]),
    job: maybe(),
    user: maybe(),
  });
};

describe('the releases of an app', () => {
  test('are read back as they were written, the newest first', () => {
    const releases = [
      aRelease(4, { origin: { kind: 'promote', from: 'shop-staging' }, scripts: [] }),
      aRelease(3, { origin: { kind: 'rollback', to: 1 }, scripts: undefined, user: undefined }),
      aRelease(2, { outcome: 'build-failed', revision: undefined, committedAt: undefined }),
      aRelease(1),
    ];
    expect(parseReleases('shop', formatReleases('shop', releases.toReversed()))).toEqual(releases);
  });

  test('take no more room than the limit and no unsafe character, whatever they contain', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seededRandom(seed);
      const releases = Array.from({ length: random.below(15) }, () => anyRelease(random));
      const text = formatReleases('shop', releases);
      expect(text.length).toBeLessThanOrEqual(releaseLimits.size);
      expect(text).toMatch(/^[\w*.+%=&;-]*$/);
      const read = parseReleases('shop', text);
      expect(read.length).toBeLessThanOrEqual(releaseLimits.count);
      expect(formatReleases('shop', read) === text, `seed ${seed}`).toBe(true);
      if (releases.length > 0) expect(read.length).toBeGreaterThan(0);
    }
  });

  test('count as none, and throw nothing, if the list is damaged', () => {
    const text = formatReleases('shop', [aRelease(2), aRelease(1)]);
    const damaged = ['', 'null', '[{"n":1}]', text.slice(9), text.toUpperCase(), '%', `${text}x;n=1e3;n=-1`];
    for (const value of damaged) expect(() => parseReleases('shop', value)).not.toThrow();
    expect(parseReleases('shop', text.slice(9))).toEqual([]);
    for (let end = 0; end < text.length; end += 1) {
      const numbers = parseReleases('shop', text.slice(0, end)).map(({ number }) => number);
      expect([[], [2], [2, 1]]).toContainEqual(numbers);
    }
  });

  test('are not those of the app that the configuration was copied from', () => {
    expect(parseReleases('copy', formatReleases('shop', [aRelease(1)]))).toEqual([]);
  });

  test('drop failed deploys first, so that ten can be returned to', () => {
    const failed = aRelease(2, { outcome: 'build-failed' });
    const deployed = Array.from({ length: 10 }, (_, index) => aRelease(index + 3));
    const numbers = parseReleases('shop', formatReleases('shop', [aRelease(1), failed, ...deployed]));
    expect(numbers.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    const broken = Array.from({ length: 12 }, (_, index) => aRelease(index + 2, { outcome: 'unhealthy' }));
    const kept = parseReleases('shop', formatReleases('shop', [aRelease(1), ...broken]));
    expect([kept.length, kept[0]?.number, kept.at(-1)?.number]).toEqual([10, 13, 1]);
  });

  test('drop a version that a newer release has before any other one, so that rebuilds push nothing out', () => {
    const version = (number: number, digit: number, more: Partial<Release> = {}) =>
      aRelease(number, { commit: `${digit}`.repeat(40), revision: `${digit}`.repeat(40), ...more });
    let releases: readonly Release[] = Array.from({ length: 9 }, (_, index) => version(index + 1, index + 1));
    for (let number = 10; number < 50; number += 2) {
      const to = number === 10 ? 9 : number - 1;
      const failed = version(number, 0, { outcome: 'not-serving' });
      const back = version(number + 1, 9, { origin: { kind: 'rollback', to } });
      releases = parseReleases('shop', formatReleases('shop', [failed, ...releases]));
      releases = parseReleases('shop', formatReleases('shop', [back, ...releases]));
    }
    const distinct = new Set(releases.map(({ revision }) => revision));
    expect([distinct.size, releases[0]?.number, releases.at(-1)?.number]).toEqual([9, 49, 1]);
    expect(releases[0]?.origin).toMatchObject({ kind: 'rollback', to: 47 });
  });

  test('lead from a rollback to the target of the one that was dropped', () => {
    const revision = (digit: string) => ({ commit: digit.repeat(40), revision: digit.repeat(40) });
    const others = [4, 5, 6, 7, 8, 9].map((number) => aRelease(number, revision(String(number))));
    const releases = [
      aRelease(12, { ...revision('a'), origin: { kind: 'rollback', to: 11 } }),
      aRelease(11, { ...revision('a'), origin: { kind: 'rollback', to: 3 } }),
      ...others,
      ...[aRelease(3, revision('a')), aRelease(2, revision('2')), aRelease(1, revision('1'))],
    ];
    const once = parseReleases('shop', formatReleases('shop', releases));
    expect(once.map(({ number }) => number)).toEqual([12, 11, 9, 8, 7, 6, 5, 4, 2, 1]);
    const twice = parseReleases('shop', formatReleases('shop', [aRelease(13), ...once]));
    expect(twice.map(({ number }) => number)).toEqual([13, 12, 9, 8, 7, 6, 5, 4, 2, 1]);
    expect(twice[1]?.origin).toEqual({ kind: 'rollback', to: 3 });
  });

  test('get the next number, even if older ones were dropped', () => {
    const { number: _, ...next } = aRelease(1);
    expect(addRelease([aRelease(12)], next)[0]?.number).toBe(13);
    expect(addRelease([], next)[0]?.number).toBe(1);
  });

  test('include the single record that an earlier version left', () => {
    const config = new Map([
      ['DOKKU_DEPLOY_COMMIT', one],
      ['DOKKU_DEPLOY_REVISION', two],
    ]);
    const releases = readReleases('shop', config);
    expect(releases).toMatchObject([{ number: 1, commit: one, revision: two, outcome: 'deployed' }]);
    const newer = new Map([...config, ['DOKKU_DEPLOY_RELEASES', formatReleases('shop', [aRelease(7)])]]);
    expect(readReleases('shop', newer)).toEqual([aRelease(7)]);
    newer.set('DOKKU_DEPLOY_COMMIT', three);
    expect(readReleases('shop', newer)).toMatchObject([{ number: 8, commit: three }, { number: 7 }]);
  });

  test('are written in one command with the record', () => {
    const record = { commit: one, committedAt: undefined, revision: two, url: 'http://shop' };
    const { stdin = {} } = recordWrite('shop', record, [aRelease(1)]).command;
    expect(readReleases('shop', new Map(Object.entries(stdin as Record<string, string>)))).toEqual([
      aRelease(1),
    ]);
    expect(recordWrite('shop', record).command.stdin).not.toHaveProperty('DOKKU_DEPLOY_RELEASES');
  });
});

describe('the release that runs', () => {
  test('is the newest deployed one if the host names its revision', () => {
    const releases = [aRelease(3, { outcome: 'unhealthy', revision: three }), aRelease(2), aRelease(1)];
    expect(findRunningRelease(releases, two)?.number).toBe(2);
    expect(findRunningRelease(releases, undefined)?.number).toBe(2);
    expect(findRunningRelease(releases, three)).toBeUndefined();
    expect(findRunningRelease([], two)).toBeUndefined();
  });

  test('is one of an image if the host names that image', () => {
    const image = `registry.example.com/shop@sha256:${'a'.repeat(64)}`;
    const releases = parseReleases('shop', formatReleases('shop', [aRelease(1, { image })]));
    expect([findRunningRelease(releases, image)?.number, findRunningRelease(releases, two)]).toEqual([
      1,
      undefined,
    ]);
  });

  test('is one whose postdeploy script failed, although the host names the one before', () => {
    const releases = [aRelease(2, { outcome: 'postdeploy-failed', revision: three }), aRelease(1)];
    expect(findRunningRelease(releases, two)?.number).toBe(2);
  });
});
