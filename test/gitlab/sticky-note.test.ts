import { describe, expect, test } from 'vitest';
import type { MergeRequestAccess } from '../../src/context/context.ts';
import { formatNoteMark, type StickyNote, writeStickyNote } from '../../src/gitlab/sticky-note.ts';
import { Secret } from '../../src/secret.ts';
import { aGitLab, robot, type TestGitLab, type TestMergeRequest, token } from '../support/gitlab.ts';

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

const write = (
  to: ReturnType<typeof access>,
  what: StickyNote,
  signal: AbortSignal = AbortSignal.timeout(10_000),
) => writeStickyNote(to, what, signal);

const mark = formatNoteMark('fix');
const bodies = ({ notes }: TestMergeRequest): string[] => notes.map(({ body }) => body);
const delivered = { kind: 'delivered' };

describe('the note', () => {
  test('is written into the merge request that the pipeline is of', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    const request = gitlab.open({ branch: 'another' });
    expect(await write(access(gitlab, { iid: 2 }), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([`${mark}\n\nit is up`]);
    expect(gitlab.received.some(({ path }) => path.includes('source_branch'))).toBe(false);
  });

  test('is written into the newest open merge request of the branch, not of a fork’s of that name', async () => {
    await using gitlab = await aGitLab('');
    const closed = gitlab.open({ state: 'closed' });
    const open = gitlab.open();
    const fork = gitlab.open({ from: 99 });
    expect(await write(access(gitlab), note())).toEqual(delivered);
    expect([closed, open, fork].map(({ notes }) => notes.length)).toEqual([0, 1, 0]);
  });

  test('is updated, never repeated, and left alone when nothing has changed', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (const text of ['one', 'two', 'two']) await write(access(gitlab), note(text));
    expect(bodies(request)).toEqual([`${mark}\n\ntwo`]);
    expect(gitlab.received.filter(({ method }) => method !== 'GET')).toHaveLength(2);
  });

  test('is found behind hundreds of others', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (let count = 0; count < 230; count += 1) gitlab.addNote(request, `talk ${count}`);
    await write(access(gitlab), note('one'));
    await write(access(gitlab), note('two'));
    expect(bodies(request).filter((body) => body.startsWith(mark))).toEqual([`${mark}\n\ntwo`]);
  });

  test('is one for each app, and a person’s that quotes the mark is left alone', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.addNote(request, `${mark}\n\nmine`);
    gitlab.addNote(request, `> ${mark}`);
    await write(access(gitlab), note('a', { app: 'fix' }));
    await write(access(gitlab), note('b', { app: 'fix-admin' }));
    expect(bodies(request)).toEqual([
      `${mark}\n\nmine`,
      `> ${mark}`,
      `${mark}\n\na`,
      `${formatNoteMark('fix-admin')}\n\nb`,
    ]);
  });

  test('of a robot that was replaced by another is followed by one that the new one may change', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    await write(access(gitlab), note('old'));
    gitlab.tokens.set('glpat-new-one', { id: 8, username: 'project_42_bot_4567' });
    const renewed = access(gitlab, { token: new Secret('GITLAB_TOKEN', 'glpat-new-one') });
    for (const text of ['new', 'newer']) await write(renewed, note(text));
    expect(bodies(request)).toEqual([`${mark}\n\nold`, `${mark}\n\nnewer`]);
  });

  test('of a removed app is written only where there is one, in a merged one too', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    const gone = note('it is gone', { mode: 'update-only' });
    expect(await write(access(gitlab), gone)).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    await write(access(gitlab), note());
    request.state = 'merged';
    await write(access(gitlab), gone);
    expect(bodies(request)).toEqual([`${mark}\n\nit is gone`]);
  });

  test.each(['closed', 'merged'] as const)('into a %s merge request is no failure', async (state) => {
    await using gitlab = await aGitLab();
    const request = gitlab.open({ state });
    expect(await write(access(gitlab), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    expect(await write(access(gitlab, { iid: request.iid }), note())).toEqual(delivered);
    expect(bodies(request)).toHaveLength(1);
  });

  test('of a branch without a merge request is none', async () => {
    await using gitlab = await aGitLab();
    expect(await write(access(gitlab), note())).toEqual(delivered);
  });
});

describe('what keeps it from being written is said with what to do', () => {
  const tried = async (gitlab: TestGitLab, more: Partial<MergeRequestAccess> = {}) => {
    const result = await write(access(gitlab, { iid: 1, ...more }), note());
    expect(JSON.stringify(result)).not.toContain(token);
    return result;
  };

  test('a token that GitLab does not know', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.tokens.clear();
    expect(await tried(gitlab)).toMatchObject({
      retryable: false,
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
    expect(await tried(gitlab)).toMatchObject({ retryable: false, reason: expect.stringMatching(reason) });
  });

  test('a merge request that is not there', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab)).toMatchObject({ retryable: false, reason: expect.stringContaining('(404)') });
  });

  test('a page in the place of the API', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.override = () => ({ body: '<html>sign in</html>', headers: { 'content-type': 'text/html' } });
    expect(await tried(gitlab)).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('CI_API_V4_URL'),
    });
  });

  test.each([500, 502])('an answer of %i, which may pass', async (status) => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.override = () => ({ status, body: 'oops' });
    expect(await tried(gitlab)).toEqual({
      kind: 'failed',
      reason: `GitLab answers with ${status}`,
      retryable: true,
    });
  });

  test('a proxy that says 502 although the note is written: each try asks once', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.override = ({ method, body }) => {
      if (method !== 'POST') return undefined;
      gitlab.addNote(request, JSON.parse(body).body, robot);
      return { status: 502, headers: { 'retry-after': '3' } };
    };
    expect(await tried(gitlab)).toMatchObject({ retryable: true, retryAfter: 3_000 });
    expect(await tried(gitlab)).toEqual(delivered);
    expect(bodies(request)).toHaveLength(1);
  });

  test('a redirection, after which nothing would be written', async () => {
    await using gitlab = await aGitLab('/git');
    const request = gitlab.open();
    const server = gitlab.url.replace('/git', '/old');
    gitlab.override = ({ path }) =>
      path.startsWith('/old')
        ? { status: 301, headers: { location: path.replace('/old', '/git') } }
        : undefined;
    expect(await tried(gitlab, { server })).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('redirection'),
    });
    expect(bodies(request)).toEqual([]);
  });

  test('a token in two lines, which is not sent', async () => {
    await using gitlab = await aGitLab();
    const broken = new Secret('GITLAB_TOKEN', 'glpat-t0ken\n-0f-the-r0b0t');
    expect(await tried(gitlab, { token: broken })).toMatchObject({
      reason: expect.stringContaining('line break'),
    });
    expect(gitlab.received).toEqual([]);
  });

  test('the end of patience: nothing is written any more', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    const end = new AbortController();
    gitlab.override = ({ path }) => {
      if (path.endsWith('/user')) end.abort();
      return undefined;
    };
    expect(await write(access(gitlab, { iid: 1 }), note(), end.signal)).toMatchObject({ kind: 'failed' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bodies(request)).toEqual([]);
  });

  test('no GitLab at all', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab, { server: 'http://127.0.0.1:9' })).toMatchObject({
      kind: 'failed',
      retryable: true,
    });
  });

  test('a passing failure to say who the token is, which is no reason to take another’s note for one’s own', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.addNote(request, `${mark}\n\nof another robot`, { id: 8, username: 'project_42_bot_4567' });
    gitlab.override = ({ path }) => (path.endsWith('/user') ? { status: 500 } : undefined);
    expect(await tried(gitlab)).toMatchObject({ retryable: true });
    gitlab.override = undefined;
    expect(await tried(gitlab)).toEqual(delivered);
    expect(bodies(request)).toEqual([`${mark}\n\nof another robot`, `${mark}\n\nit is up`]);
  });

  test('a token that does not see who it is still writes', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.override = ({ path }) => (path.endsWith('/user') ? { status: 403, body: {} } : undefined);
    for (const text of ['one', 'two']) await write(access(gitlab, { iid: 1 }), note(text));
    expect(bodies(request)).toEqual([`${mark}\n\ntwo`]);
  });
});
