import { describe, expect, test } from 'vitest';
import { findRunningVersion, isSameRecord, recordWrite } from '../../src/plan/deploy-record.ts';

const [one, two] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];

/** The commit that an app with this configuration runs, if the host names this revision as its last good deploy. */
const runningCommit = (config: Record<string, string>, revision: string | undefined): string | undefined =>
  findRunningVersion(new Map(Object.entries(config)), revision).record?.commit;

describe('the version that runs', () => {
  test('is the recorded commit, if the record is about what the host deployed last', () => {
    expect(runningCommit({ DOKKU_DEPLOY_COMMIT: 'a', DOKKU_DEPLOY_REVISION: one }, one)).toBe('a');
  });

  test('is unknown if the host has deployed something else since', () => {
    expect(runningCommit({ DOKKU_DEPLOY_COMMIT: 'a', DOKKU_DEPLOY_REVISION: one }, two)).toBeUndefined();
  });

  test('is the recorded commit after a failed deploy, which changes only GIT_REV', () => {
    const config = { DOKKU_DEPLOY_COMMIT: 'a', DOKKU_DEPLOY_REVISION: one, GIT_REV: two };
    expect(runningCommit(config, one)).toBe('a');
  });

  test('is the commit that version 1.0.0 recorded before its deploy only if that deploy succeeded', () => {
    expect(runningCommit({ DOKKU_DEPLOY_COMMIT: 'a', GIT_REV: one }, one)).toBe('a');
    expect(runningCommit({ DOKKU_DEPLOY_COMMIT: 'a', GIT_REV: two }, one)).toBeUndefined();
  });

  test('is the recorded commit on a host that does not name its last deploy', () => {
    expect(runningCommit({ DOKKU_DEPLOY_COMMIT: 'a', DOKKU_DEPLOY_REVISION: one }, undefined)).toBe('a');
  });

  test('is unknown in an app without a record', () => {
    expect(findRunningVersion(new Map(), one)).toEqual({
      revision: one,
      record: undefined,
    });
  });
});

test('a record is read back as it was written', () => {
  const record = { commit: 'a', committedAt: undefined, revision: one, url: undefined };
  const { stdin } = recordWrite('shop', record).command;
  const read = findRunningVersion(new Map(Object.entries(stdin as Record<string, string>)), one);
  expect(read.record).toEqual(record);
  expect(isSameRecord(record, read.record)).toBe(true);
});
