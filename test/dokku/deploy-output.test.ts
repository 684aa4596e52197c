import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createConfigMask, readDeployOutput } from '../../src/dokku/deploy-output.ts';

interface Push {
  readonly id: string;
  readonly note: string;
  readonly stderr: string;
}

const pushes = JSON.parse(
  readFileSync(new URL('../recorded/pushes.json', import.meta.url), 'utf8'),
) as Push[];

/** Returns the host's output of a recorded push: the lines that git prefixes with `remote: `. */
const said = (id: string): string[] =>
  (pushes.find((push) => push.id === id)?.stderr ?? '')
    .split('\n')
    .filter((line) => line.startsWith('remote: '))
    .map((line) => line.slice('remote: '.length));

describe('the output of a deploy on a real host', () => {
  test('counts as deployed after a good push, with its URL', () => {
    expect(readDeployOutput(said('git-009'))).toEqual({
      deployed: true,
      urls: ['http://g-auto.lab.dokku.test:5000'],
      failure: undefined,
      reason: [],
    });
  });

  test('counts as deployed after a push from a shallow clone, although git refuses the ref afterwards', () => {
    expect(readDeployOutput(said('git-045')).deployed).toBe(true);
  });

  test.each([
    ['git-022', 'other-branch', 'you must push to feature'],
    ['git-028', 'other-branch', 'you must push to main'],
    ['git-050', 'build', 'exit code: 3'],
    ['git-056', 'build', 'no such host'],
    ['git-057', 'build', 'App build failed'],
    ['git-058', 'build', 'App build failed'],
    ['git-075', 'build', 'Cannot parse app.json as jsonc'],
    ['git-059', 'release', 'Execution of predeploy task failed: echo pre; exit 4'],
    ['git-065', 'release', 'Execution of heroku.postdeploy task failed: echo first; exit 6'],
    ['git-076', 'release', 'required env var NEEDED has no value'],
    ['git-062', 'postdeploy', 'Execution of postdeploy task failed: echo post; exit 5'],
    ['git-068', 'unhealthy', 'Could not start due to 1 failed checks'],
    ['git-074', 'unhealthy', 'container has restarted 7 times'],
    ['lock2-003', 'busy', 'currently has a deploy lock in place'],
  ])('of %s is read as the failure %s, with the reason', (id, failure, words) => {
    const reading = readDeployOutput(said(id));
    expect([reading.deployed, reading.failure]).toEqual([false, failure]);
    expect(reading.reason.join('\n')).toContain(words);
  });
});

test('the values of app.json that Dokku prints are hidden, and what follows them is not', () => {
  const hide = createConfigMask();
  const shown = said('git-009').map((line) => hide(line.trimEnd()));
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
