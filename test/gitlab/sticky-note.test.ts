import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { MergeRequestAccess } from '../../src/context/context.ts';
import { formatNoteMarker, type StickyNote, writeStickyNote } from '../../src/gitlab/sticky-note.ts';
import { deliver } from '../../src/notify/delivery.ts';
import { Secret } from '../../src/secret.ts';
import { aGitLab, robot, type TestGitLab, type TestMergeRequest, token } from '../support/gitlab.ts';
import { seededRandom } from '../support/random.ts';

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

const marker = formatNoteMarker('fix');
const bodies = ({ notes }: TestMergeRequest): string[] => notes.map(({ body }) => body);
const delivered = { kind: 'delivered' };

describe('the note', () => {
  test('is written into the merge request of the pipeline', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    const request = gitlab.open({ branch: 'another' });
    expect(await write(access(gitlab, { iid: 2 }), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([`${marker}\n\nit is up`]);
    expect(gitlab.received.some(({ path }) => path.includes('source_branch'))).toBe(false);
  });

  test('is written into the newest open merge request of the branch, not into that of a fork', async () => {
    await using gitlab = await aGitLab('');
    const closed = gitlab.open({ state: 'closed' });
    const open = gitlab.open();
    const fork = gitlab.open({ from: 99 });
    expect(await write(access(gitlab), note())).toEqual(delivered);
    expect([closed, open, fork].map(({ notes }) => notes.length)).toEqual([0, 1, 0]);
  });

  test('is updated, never repeated, and not touched if nothing has changed', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (const text of ['one', 'two', 'two']) await write(access(gitlab), note(text));
    expect(bodies(request)).toEqual([`${marker}\n\ntwo`]);
    expect(gitlab.received.filter(({ method }) => method !== 'GET')).toHaveLength(2);
  });

  test('is found after hundreds of others', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (let count = 0; count < 230; count += 1) gitlab.addNote(request, `talk ${count}`);
    await write(access(gitlab), note('one'));
    await write(access(gitlab), note('two'));
    expect(bodies(request).filter((body) => body.startsWith(marker))).toEqual([`${marker}\n\ntwo`]);
  });

  test('is separate for each app, and a person’s note that quotes the marker is not touched', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.addNote(request, `${marker}\n\nmine`);
    gitlab.addNote(request, `> ${marker}`);
    await write(access(gitlab), note('a', { app: 'fix' }));
    await write(access(gitlab), note('b', { app: 'fix-admin' }));
    expect(bodies(request)).toEqual([
      `${marker}\n\nmine`,
      `> ${marker}`,
      `${marker}\n\na`,
      `${formatNoteMarker('fix-admin')}\n\nb`,
    ]);
  });

  test('of an earlier bot is followed by a new one that the current bot can edit', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    await write(access(gitlab), note('old'));
    gitlab.tokens.set('glpat-new-one', { id: 8, username: 'project_42_bot_4567' });
    const renewed = access(gitlab, { token: new Secret('GITLAB_TOKEN', 'glpat-new-one') });
    for (const text of ['new', 'newer']) await write(renewed, note(text));
    expect(bodies(request)).toEqual([`${marker}\n\nold`, `${marker}\n\nnewer`]);
  });

  test('is not created when the app was removed, only updated, also in a merged merge request', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    const removal = note('it was removed', { mode: 'update-only' });
    expect(await write(access(gitlab), removal)).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    await write(access(gitlab), note());
    request.state = 'merged';
    await write(access(gitlab), removal);
    expect(bodies(request)).toEqual([`${marker}\n\nit was removed`]);
  });

  test.each(['closed', 'merged'] as const)('does not fail for a %s merge request', async (state) => {
    await using gitlab = await aGitLab();
    const request = gitlab.open({ state });
    expect(await write(access(gitlab), note())).toEqual(delivered);
    expect(bodies(request)).toEqual([]);
    expect(await write(access(gitlab, { iid: request.iid }), note())).toEqual(delivered);
    expect(bodies(request)).toHaveLength(1);
  });

  test('is not needed for a branch without a merge request', async () => {
    await using gitlab = await aGitLab();
    expect(await write(access(gitlab), note())).toEqual(delivered);
  });
});

describe('the reason for a missing note comes with a remedy for', () => {
  const tried = async (gitlab: TestGitLab, more: Partial<MergeRequestAccess> = {}) => {
    const result = await write(access(gitlab, { iid: 1, ...more }), note());
    expect(JSON.stringify(result)).not.toContain(token);
    return result;
  };

  test('an unknown token', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.tokens.clear();
    expect(await tried(gitlab)).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('GitLab rejects GITLAB_TOKEN (401)'),
    });
  });

  test.each([
    ['read', /GITLAB_TOKEN has no permission to write the note \(403\).*: it lacks the scope api$/],
    ['guest', /GITLAB_TOKEN has no permission to write the note \(403\).*Reporter or higher/],
  ] as const)('a token with only the right to %s', async (may, reason) => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.tokens.set(token, { id: 7, username: 'robot', may });
    expect(await tried(gitlab)).toMatchObject({ retryable: false, reason: expect.stringMatching(reason) });
  });

  test('a missing merge request', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab)).toMatchObject({ retryable: false, reason: expect.stringContaining('(404)') });
  });

  test('a web page instead of the API', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.override = () => ({ body: '<html>sign in</html>', headers: { 'content-type': 'text/html' } });
    expect(await tried(gitlab)).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('CI_API_V4_URL'),
    });
  });

  test.each([500, 502])('a response with status %i, which is retryable', async (status) => {
    await using gitlab = await aGitLab();
    gitlab.open();
    gitlab.override = () => ({ status, body: 'oops' });
    expect(await tried(gitlab)).toEqual({
      kind: 'failed',
      reason: `GitLab answers with ${status}`,
      retryable: true,
    });
  });

  test('a proxy that answers 502 although the note was written: each attempt sends one request', async () => {
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

  test('a redirect, which would turn the POST into a GET', async () => {
    await using gitlab = await aGitLab('/git');
    const request = gitlab.open();
    const server = gitlab.url.replace('/git', '/old');
    gitlab.override = ({ path }) =>
      path.startsWith('/old')
        ? { status: 301, headers: { location: path.replace('/old', '/git') } }
        : undefined;
    expect(await tried(gitlab, { server })).toMatchObject({
      retryable: false,
      reason: expect.stringContaining('redirect'),
    });
    expect(bodies(request)).toEqual([]);
  });

  test('a token with a line break, which is not sent', async () => {
    await using gitlab = await aGitLab();
    const broken = new Secret('GITLAB_TOKEN', 'glpat-t0ken\n-0f-the-r0b0t');
    expect(await tried(gitlab, { token: broken })).toMatchObject({
      reason: expect.stringContaining('line break'),
    });
    expect(gitlab.received).toEqual([]);
  });

  test('an aborted attempt, which writes nothing afterwards', async () => {
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

  test('an unreachable GitLab', async () => {
    await using gitlab = await aGitLab();
    expect(await tried(gitlab, { server: 'http://127.0.0.1:9' })).toMatchObject({
      kind: 'failed',
      retryable: true,
    });
  });

  test('a temporary failure to read the own user, without editing another user’s note', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.addNote(request, `${marker}\n\nof another robot`, { id: 8, username: 'project_42_bot_4567' });
    gitlab.override = ({ path }) => (path.endsWith('/user') ? { status: 500 } : undefined);
    expect(await tried(gitlab)).toMatchObject({ retryable: true });
    gitlab.override = undefined;
    expect(await tried(gitlab)).toEqual(delivered);
    expect(bodies(request)).toEqual([`${marker}\n\nof another robot`, `${marker}\n\nit is up`]);
  });

  test('a token that may not read its own user, which still writes', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    gitlab.override = ({ path }) => (path.endsWith('/user') ? { status: 403, body: {} } : undefined);
    for (const text of ['one', 'two']) await write(access(gitlab, { iid: 1 }), note(text));
    expect(bodies(request)).toEqual([`${marker}\n\ntwo`]);
  });
});

describe('the note of two pipelines of one merge request', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);

  test.each(seeds)(
    'is one, and about the newer job, however their requests interleave (%i)',
    async (seed) => {
      await using gitlab = await aGitLab();
      const request = gitlab.open();
      const { below: random } = seededRandom(seed);
      gitlab.latency = () => random(12);
      const pipeline = async (job: number, startsAt: number) => {
        await sleep(startsAt);
        expect(await write(access(gitlab, { iid: 1 }), note(`building ${job}`, { job }))).toEqual(delivered);
        await sleep(random(120));
        expect(await write(access(gitlab, { iid: 1 }), note(`result of ${job}`, { job }))).toEqual(delivered);
      };
      await Promise.all([pipeline(10, random(40)), pipeline(20, random(40))]);
      expect(bodies(request)).toEqual([`${marker}\n<!-- job=20 -->\n\nresult of 20`]);
    },
  );

  test('is replaced by a retried job of the older one, which has a new id', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    for (const job of [10, 20, 15, 30]) await write(access(gitlab), note(`job ${job}`, { job }));
    expect(bodies(request)).toEqual([`${marker}\n<!-- job=30 -->\n\njob 30`]);
  });

  test('says that the app was removed, whichever job removes it, and an older job does not bring it back', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    await write(access(gitlab), note('up', { job: 20 }));
    await write(access(gitlab), note('removed', { job: 11, mode: 'update-only' }));
    await write(access(gitlab), note('late', { job: 15 }));
    expect(bodies(request)).toEqual([`${marker}\n<!-- job=20 -->\n\nremoved`]);
    await write(access(gitlab), note('up again', { job: 21 }));
    expect(bodies(request)).toEqual([`${marker}\n<!-- job=21 -->\n\nup again`]);
  });

  test('replaces a note of version 1.0.0, which names no job', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    await write(access(gitlab), note('old'));
    await write(access(gitlab), note('new', { job: 1 }));
    expect(bodies(request)).toEqual([`${marker}\n<!-- job=1 -->\n\nnew`]);
  });

  test('is written after a 502', async () => {
    await using gitlab = await aGitLab();
    const request = gitlab.open();
    let failures = 1;
    gitlab.override = ({ method }) => (method === 'POST' && failures-- > 0 ? { status: 502 } : undefined);
    const attempt = (signal: AbortSignal) => write(access(gitlab), note('up', { job: 5 }), signal);
    expect(await deliver(attempt)).toBeUndefined();
    expect(bodies(request)).toEqual([`${marker}\n<!-- job=5 -->\n\nup`]);
  });

  test('is not reported as written if the token may not edit it any more', async () => {
    await using gitlab = await aGitLab();
    gitlab.open();
    await write(access(gitlab), note('up', { job: 5 }));
    gitlab.tokens.set(token, { ...robot, may: 'read' });
    expect(await write(access(gitlab), note('down', { job: 6 }))).toMatchObject({ kind: 'failed' });
  });
});
