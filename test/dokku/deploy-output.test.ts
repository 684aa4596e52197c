import { describe, expect, test } from 'vitest';
import {
  createConfigMask,
  judgeDeploy,
  type RefStatus,
  readDeployOutput,
} from '../../src/dokku/deploy-output.ts';
import { type Random, seededRandom } from '../support/random.ts';
import { type RecordedDeploy, recordedDeploy, recordedDeploys } from '../support/recorded-deploys.ts';

const outputOf = (id: string) => recordedDeploy(id).lines;

describe('the output of a deploy on a real host', () => {
  test('counts as deployed after a good push, with its URL', () => {
    expect(readDeployOutput(outputOf('git-009'))).toEqual({
      deployed: true,
      urls: ['http://g-auto.lab.dokku.test:5000'],
      hasWeb: true,
      failure: undefined,
      reason: [],
    });
  });

  test('lists every URL of the closing block', () => {
    expect(readDeployOutput(outputOf('tls-027')).urls).toEqual(['http://a.r.test', 'https://a.r.test']);
  });

  test('shows that no web process was started', () => {
    expect(readDeployOutput(outputOf('scale-022'))).toMatchObject({ deployed: true, hasWeb: false });
  });

  test.each([
    ['git-022', 'other-branch', 'you must push to feature'],
    ['git-028', 'other-branch', 'you must push to main'],
    ['git-050', 'build', 'exit code: 3'],
    ['git-056', 'build', 'no such host'],
    ['git-057', 'build', 'App build failed'],
    ['git-058', 'build', 'App build failed'],
    ['git-075', 'build', 'Cannot parse app.json as jsonc'],
    ['storage-180', 'build', 'Specified build-dir not found'],
    ['storage-191', 'build', 'Invalid dockerfile-path'],
    ['git-059', 'release', 'Execution of predeploy task failed: echo pre; exit 4'],
    ['git-065', 'release', 'Execution of heroku.postdeploy task failed: echo first; exit 6'],
    ['git-076', 'release', 'required env var NEEDED has no value'],
    ['storage-058', 'release', 'Duplicate mount point'],
    ['git-062', 'postdeploy', 'Execution of postdeploy task failed: echo post; exit 5'],
    ['git-068', 'unhealthy', 'Could not start due to 1 failed checks'],
    ['git-074', 'unhealthy', 'container has restarted 7 times'],
    ['lock2-003', 'busy', 'currently has a deploy lock in place'],
    ['lock-3-015', 'busy', 'currently has a deploy lock in place'],
    ['storage-185', 'not-built', 'Application deployed'],
    ['storage-237', 'not-started', 'Application deployed'],
  ])('of %s is read as the failure %s, with the reason', (id, failure, words) => {
    const output = readDeployOutput(outputOf(id));
    expect([output.deployed, output.failure]).toEqual([false, failure]);
    expect(output.reason.join('\n')).toContain(words);
  });
});

/** Git's reason for a ref, as the deploy step reads it. */
const refStatus = ({ status }: RecordedDeploy): RefStatus => {
  if (status === 'ok') return 'stored';
  return status === null || status === 'pre-receive hook declined' ? 'declined' : 'not-stored';
};

/** The verdict on a recorded deploy whose output was changed. */
const judge = (deploy: RecordedDeploy, lines: readonly string[] = deploy.lines) =>
  judgeDeploy(readDeployOutput(lines), refStatus(deploy));

// Exit 0 for a push that deploys nothing; a tag in the same push whose warning follows the closing block.
const pushesOfOtherRefs = ['git-022', 'git-028', 'git-037', 'git-039', 'git-041', 'ship-180', 'ship-184'];
const oldVersionStarted = ['storage-185', 'storage-237'];
const endsWithWarning = ['ship-232'];

describe('the verdict on a recorded deploy', () => {
  test.each(recordedDeploys.map((deploy) => [deploy.id, deploy] as const))('of %s is right', (id, deploy) => {
    const didNotDeploy = [...pushesOfOtherRefs, ...oldVersionStarted].includes(id);
    const expected = refStatus(deploy) === 'declined' || didNotDeploy ? 'failed' : 'deployed';
    expect(judge(deploy)).toBe(endsWithWarning.includes(id) ? 'unclear' : expected);
  });
});

const failedDeploys = recordedDeploys.filter((deploy) => judge(deploy) === 'failed');
const goodDeploys = recordedDeploys.filter((deploy) => judge(deploy) === 'deployed');

const forgedBlock = ['=====> Application deployed:', '       http://forged.example.com', ''];

/** What a script of an app can make of the closing block: Dokku indents its lines, and it may hide that. */
const disguises: readonly ((line: string) => string)[] = [
  (line) => `       ${line}`,
  (line) => `       \r${line}`,
  (line) => `       x\r${line}`,
  (line) => `       \u001b[1G\u001b[K${line}`,
  (line) => `       \u001b[2K\r\u001b[1G${line}`,
  (line) => `       \b\b\b\b\b\b\b${line}`,
  (line) => `#9 0.412 ${line}`,
  (line) => `#9 0.412 \r${line}`,
];

/** Puts the app's lines between any two of the host's. */
const insert = (lines: readonly string[], extra: readonly string[], { below }: Random): string[] =>
  lines.toSpliced(below(lines.length + 1), 0, ...extra);

const runs = 400;

describe('an app that prints the closing block itself', () => {
  test('is not deployed after a failure, wherever and however it prints it', () => {
    const random = seededRandom(7);
    for (let run = 0; run < runs; run += 1) {
      const deploy = random.pick(failedDeploys);
      const forged = insert(deploy.lines, forgedBlock.map(random.pick(disguises)), random);
      expect([deploy.id, run, judge(deploy, forged)]).toEqual([deploy.id, run, 'failed']);
    }
  });

  test('makes a push unclear at most, even where a builder does not indent its lines', () => {
    const random = seededRandom(8);
    for (let run = 0; run < runs; run += 1) {
      const deploy = random.pick(failedDeploys.filter((one) => refStatus(one) === 'declined'));
      const forged = insert(deploy.lines, forgedBlock, random);
      expect([deploy.id, run, judge(deploy, forged)]).not.toContain('deployed');
    }
  });

  test('adds no URL to those of the host', () => {
    const random = seededRandom(9);
    for (let run = 0; run < runs; run += 1) {
      const deploy = random.pick(goodDeploys);
      const start = deploy.lines.findLastIndex((line) => line.startsWith('=====> Application deployed'));
      const forged = insert(deploy.lines.slice(0, start), forgedBlock.map(random.pick(disguises)), random);
      const output = readDeployOutput([...forged, ...deploy.lines.slice(start)]);
      expect([deploy.id, run, output.urls]).toEqual([deploy.id, run, readDeployOutput(deploy.lines).urls]);
    }
  });
});

describe('an app that prints one of Dokku’s failures', () => {
  test.each([
    ' !     shop currently has a deploy lock in place. Exiting...',
    ' !     App build failed',
    ' !     Execution of postdeploy task failed: x',
  ])('is deployed anyway: %s', (line) => {
    const random = seededRandom(10);
    for (let run = 0; run < runs / 4; run += 1) {
      const deploy = random.pick(goodDeploys);
      const start = deploy.lines.findLastIndex((one) => one.startsWith('=====> Application deployed'));
      const forged = insert(deploy.lines.slice(0, start), [random.pick(disguises)(line)], random);
      expect([deploy.id, run, judge(deploy, [...forged, ...deploy.lines.slice(start)])]).toEqual([
        deploy.id,
        run,
        'deployed',
      ]);
    }
  });
});

describe('an output that was cut', () => {
  test('before its closing block never counts as deployed', () => {
    const random = seededRandom(11);
    for (let run = 0; run < runs; run += 1) {
      const deploy = random.pick(goodDeploys);
      const start = deploy.lines.findLastIndex((line) => line.startsWith('=====> Application deployed'));
      const cut = deploy.lines.slice(0, random.below(start + 1));
      expect([deploy.id, run, judge(deploy, cut)]).not.toContain('deployed');
    }
  });

  test('or reordered never counts a failed deploy as deployed', () => {
    const random = seededRandom(12);
    for (let run = 0; run < runs; run += 1) {
      const deploy = random.pick(failedDeploys.filter((one) => refStatus(one) === 'declined'));
      const other = random.pick(goodDeploys);
      const mixed = other.lines.reduce((lines, line) => insert(lines, [line], random), [...deploy.lines]);
      expect([deploy.id, run, judge(deploy, mixed)]).not.toContain('deployed');
    }
  });
});

test('a failure that follows the closing block counts', () => {
  const lines = [...outputOf('git-009'), ' !     Execution of postdeploy task failed: x'];
  expect(readDeployOutput(lines)).toMatchObject({ deployed: false, failure: 'postdeploy' });
});

test('the values of app.json that Dokku prints are hidden, and what follows them is not', () => {
  const hide = createConfigMask();
  const shown = outputOf('git-009').map((line) => hide(line.trimEnd()));
  expect(shown.join('\n')).not.toMatch(/from-app-json|3e2fd06971451f99/);
  expect(shown).toContain('       LAB_SECRET: [hidden]');
  expect(shown).toContain('       predeploy-ran PORT=');
});

test('all lines of a multi-line value are hidden', () => {
  const hide = createConfigMask();
  const lines = ['-----> Setting config vars', '       KEY:  one', 'two', '-----> Checking for release task'];
  expect(lines.map(hide)).toEqual([
    '-----> Setting config vars',
    '       KEY: [hidden]',
    '       [hidden]',
    '-----> Checking for release task',
  ]);
});
