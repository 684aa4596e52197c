import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { announceBuild } from '../../src/run/building-note.ts';
import { Secret } from '../../src/secret.ts';
import { aContext } from '../support/context.ts';
import { aGitLab, type TestGitLab, token } from '../support/gitlab.ts';

let gitlab: TestGitLab;

beforeEach(async () => {
  gitlab = await aGitLab();
});

afterEach(() => gitlab[Symbol.asyncDispose]());

const announce = (more: Partial<Context> = {}) => {
  const mergeRequest = {
    server: gitlab.url,
    token: new Secret('GITLAB_TOKEN', token),
    project: String(gitlab.project),
    iid: 1,
    branch: 'fix',
    job: 9,
    isOpen: true,
  };
  const world = { now: Date.now, stop: new AbortController().signal };
  return announceBuild(aContext({ mergeRequest, ...more }), world);
};

describe('the note about a build', () => {
  test('may have been written once it was begun, whatever GitLab answers', async () => {
    gitlab.open();
    gitlab.override = () => ({ status: 502 });
    expect(await announce().settle()).toBe(true);
  });

  test('is not begun for another command, nor without a merge request', async () => {
    gitlab.open();
    const other = [announce({ command: 'review stop', ships: false }), announce({ mergeRequest: undefined })];
    const begun = await Promise.all(other.map((one) => one.settle()));
    expect([begun, gitlab.received.length]).toEqual([[false, false], 0]);
  });

  // GitLab would have ten seconds to answer otherwise.
  test('does not hold up the end of the run: an attempt without an answer ends', {
    timeout: 8_000,
  }, async () => {
    gitlab.open();
    let isAsked = false;
    gitlab.override = () => {
      isAsked = true;
      return 'hang';
    };
    const note = announce();
    await expect.poll(() => isAsked, { timeout: 6_000 }).toBe(true);
    expect(await note.settle()).toBe(true);
  });
});
