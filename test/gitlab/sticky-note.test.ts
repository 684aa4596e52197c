import { describe, expect, test } from 'vitest';
import type { MergeRequestAccess } from '../../src/context/context.ts';
import { noteMark, type StickyNote, writeStickyNote } from '../../src/gitlab/sticky-note.ts';
import { Secret } from '../../src/secret.ts';
import { aGitLab, type TestGitLab, type TestMergeRequest, token } from '../support/gitlab.ts';

const access = (gitlab: TestGitLab, more: Partial<MergeRequestAccess> = {}) => ({
  server: gitlab.url,
  project: String(gitlab.project),
  iid: undefined,
  branch: 'fix',
  isOpen: true,
  ...more,
  token: new Secret('GITLAB_TOKEN', more.token?.reveal() ?? token),
});

const note = (text = 'it is up', more: Partial<StickyNote> = {}): StickyNote => ({
  app: 'fix',
  text,
  mode: 'write',
  ...more,
});

const mark = noteMark('fix');
const bodies = ({ notes }: TestMergeRequest): string[] => notes.map(({ body }) => body);
const delivered = { kind: 'delivered' };

describe('the note', () => {
  test('is written into the merge request that the pipeline is of', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    const request = gitlab.open({ branch: 'another' });
    expect(await writeStickyNote(access(gitlab, { iid: 2 }), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([`${mark}\n\nit is up`]);
    expect(gitlab.received.some(({ path }) => path.includes('source_branch'))).toBe(false);
  });

  test('is written into the newest open merge request of the branch, not of a fork’s of that name', async () => {
    await using gitlab = await aGitLab('');
    const closed = gitlab.open({ state: 'closed' });
    const open = gitlab.open();
    const fork = gitlab.open({ from: 99 });
    expect(await writeStickyNote(access(gitlab), note())).toEqual(delivered);
    expect([closed, open, fork].map(({ notes }) => notes.length)).toEqual([0, 1, 0]);
  });

  test('is updated, never repeated, and left alone when nothing has changed', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (const text of ['one', 'two', 'two']) await writeStickyNote(access(gitlab), note(text));
    expect(bodies(request)).toEqual([`${mark}\n\ntwo`]);
    expect(gitlab.received.filter(({ method }) => method !== 'GET')).toHaveLength(2);
  });

  test('is found behind hundreds of others', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (let count = 0; count < 230; count += 1) gitlab.say(request, `talk ${count}`);
    await writeStickyNote(access(gitlab), note('one'));
    await writeStickyNote(access(gitlab), note('two'));
    expect(bodies(request).filter((body) => body.startsWith(mark))).toEqual([`${mark}\n\ntwo`]);
  });

  test('is one for each app, and a person’s that quotes the mark is left alone', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.say(request, `${mark}\n\nmine`);
    gitlab.say(request, `> ${mark}`);
    await writeStickyNote(access(gitlab), note('a', { app: 'fix' }));
    await writeStickyNote(access(gitlab), note('b', { app: 'fix-admin' }));
    expect(bodies(request)).toEqual([
      `${mark}\n\nmine`,
      `> ${mark}`,
      `${mark}\n\na`,
      `${noteMark('fix-admin')}\n\nb`,
    ]);
  });

  test('of a robot that was replaced by another is followed by one that the new one may change', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    await writeStickyNote(access(gitlab), note('old'));
    gitlab.tokens.set('glpat-new-one', { id: 8, username: 'project_42_bot_4567' });
    const renewed = access(gitlab, { token: new Secret('GITLAB_TOKEN', 'glpat-new-one') });
    for (const text of ['new', 'newer']) await writeStickyNote(renewed, note(text));
    expect(bodies(request)).toEqual([`${mark}\n\nold`, `${mark}\n\nnewer`]);
  });

  test('of a removed app is written only where there is one, in a merged one too', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    const gone = note('it is gone', { mode: 'update-only' });
    expect(await writeStickyNote(access(gitlab), gone)).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    await writeStickyNote(access(gitlab), note());
    request.state = 'merged';
    await writeStickyNote(access(gitlab), gone);
    expect(bodies(request)).toEqual([`${mark}\n\nit is gone`]);
  });

  test.each(['closed', 'merged'] as const)('into a %s merge request is no failure', async (state) => {
    await using gitlab = await aGitLab();
    const request = gitlab.open({ state });
    expect(await writeStickyNote(access(gitlab), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    expect(await writeStickyNote(access(gitlab, { iid: request.iid }), note())).toEqual(delivered);
    expect(bodies(request)).toHaveLength(1);
  });

  test('of a branch without a merge request is none', async () => {
    await using gitlab = await aGitLab();
    expect(await writeStickyNote(access(gitlab), note())).toEqual(delivered);
  });
});

describe('what keeps it from being written is said with what to do', () => {
  const tried = async (gitlab: TestGitLab, more: Partial<MergeRequestAccess> = {}) => {
    const result = await writeStickyNote(access(gitlab, { iid: 1, ...more }), note());
    expect(JSON.stringify(result)).not.toContain(token);
    return result;
  };

  test('a token that GitLab does not know', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.tokens.clear();
    expect(await tried(gitlab)).toMatchObject({
      again: false,
      reason: expect.stringContaining('does not accept GITLAB_TOKEN (401)'),
    });
  });

  test.each([
    ['read', /GITLAB_TOKEN may not write there \(403\).*: it lacks the scope api$/],
    ['guest', /GITLAB_TOKEN may not write there \(403\).*Reporter or higher/],
  ] as const)('a token that may only %s', async (may, reason) => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.tokens.set(token, { id: 7, username: 'robot', may });
    expect(await tried(gitlab)).toMatchObject({ again: false, reason: expect.stringMatching(reason) });
  });

  test('a merge request that is not there', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab)).toMatchObject({ again: false, reason: expect.stringContaining('(404)') });
  });

  test('a page in the place of the API', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.instead = () => ({ body: '<html>sign in</html>', headers: { 'content-type': 'text/html' } });
    expect(await tried(gitlab)).toMatchObject({
      again: false,
      reason: expect.stringContaining('CI_API_V4_URL'),
    });
  });

  test.each([500, 502])('an answer of %i, which may pass', async (status) => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.instead = () => ({ status, body: 'oops' });
    expect(await tried(gitlab)).toEqual({
      kind: 'failed',
      reason: `GitLab answers with ${status}`,
      again: true,
    });
  });

  test('no GitLab at all', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab, { server: 'http://127.0.0.1:9' })).toMatchObject({
      kind: 'failed',
      again: true,
    });
  });

  test('a token that does not see who it is still writes', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.instead = ({ path }) => (path.endsWith('/user') ? { status: 403, body: {} } : undefined);
    for (const text of ['one', 'two']) await writeStickyNote(access(gitlab, { iid: 1 }), note(text));
    expect(bodies(request)).toEqual([`${mark}\n\ntwo`]);
  });
});
