import { setTimeout as sleep } from 'node:timers/promises';
import { aHttpServer, type HttpAnswer, type HttpServer, type ReceivedRequest } from './http.ts';

/** A token of the test server: its user, and its permissions. */
export interface Token {
  readonly id: number;
  readonly username: string;
  /** `read`: writing is refused because of its scope; `guest`: because of its role. */
  readonly may?: 'write' | 'read' | 'guest';
}

export interface TestNote {
  readonly id: number;
  body: string;
  readonly system: boolean;
  readonly author: { readonly id: number; readonly username: string };
}

export interface TestMergeRequest {
  readonly iid: number;
  readonly branch: string;
  state: 'opened' | 'merged' | 'closed';
  /** The project of the branch. */
  readonly from: number;
  readonly notes: TestNote[];
}

export interface TestGitLab extends AsyncDisposable {
  /** Its URL with the path. */
  readonly url: string;
  readonly project: number;
  readonly mergeRequests: TestMergeRequest[];
  readonly tokens: Map<string, Token>;
  /** Overrides the server's answers while it is set. */
  override: ((request: ReceivedRequest) => HttpAnswer | undefined) | undefined;
  /** Milliseconds that a request and its response each take; none if it is not set. */
  latency: (() => number) | undefined;
  readonly received: HttpServer['received'];
  readonly open: (more?: Partial<TestMergeRequest>) => TestMergeRequest;
  readonly addNote: (request: TestMergeRequest, body: string, author?: Token) => TestNote;
}

export const robot: Token = { id: 7, username: 'project_42_bot_0123' };
export const person: Token = { id: 3, username: 'zoe' };
export const token = 'glpat-t0ken-0f-the-r0b0t';

const refuse = (status: number, body: unknown): HttpAnswer => ({ status, body });

const pageOf = <Item>(items: readonly Item[], { url, base }: { url: URL; base: string }): HttpAnswer => {
  const size = Number(url.searchParams.get('per_page') ?? 20);
  const number = Number(url.searchParams.get('page') ?? 1);
  const next = new URL(`${base}${url.pathname}${url.search}`);
  next.searchParams.set('page', String(number + 1));
  const headers = items.length > number * size ? { link: `<${next.href}>; rel="next"` } : {};
  return {
    body: items.slice((number - 1) * size, number * size),
    headers: headers as Record<string, string>,
  };
};

/**
 * Starts a server with the part of GitLab's REST API that a note needs, as documented by GitLab: merge requests of a branch, their
 * notes with paging, the current user, and errors for a token's scope or role. It is served under a path, as a self-managed GitLab
 * may be.
 */
export const aGitLab = async (path = '/git/lab'): Promise<TestGitLab> => {
  const project = 42;
  const mergeRequests: TestMergeRequest[] = [];
  const tokens = new Map<string, Token>([[token, robot]]);
  let notes = 100;

  const add = (request: TestMergeRequest, body: string, { id, username }: Token): TestNote => {
    notes += 1;
    const note = { id: notes, body, system: false, author: { id, username } };
    request.notes.push(note);
    return note;
  };

  const writing = (
    one: TestMergeRequest,
    { method, body }: ReceivedRequest,
    who: Token,
    id: number,
  ): HttpAnswer => {
    if (who.may === 'read')
      return refuse(403, { error: 'insufficient_scope', error_description: 'higher privileges' });
    if (who.may === 'guest') return refuse(403, { message: '403 Forbidden' });
    if (method === 'DELETE') {
      const place = one.notes.findIndex((known) => known.id === id);
      if (place === -1) return refuse(404, { message: '404 Not found' });
      if (one.notes[place]?.author.id !== who.id) return refuse(403, { message: '403 Forbidden' });
      one.notes.splice(place, 1);
      return { status: 204 };
    }
    const { body: text } = JSON.parse(body) as { body: string };
    if (method === 'POST') return { status: 201, body: add(one, text, who) };
    const note = one.notes.find((known) => known.id === id);
    if (!note) return refuse(404, { message: '404 Not found' });
    if (note.author.id !== who.id) return refuse(403, { message: '403 Forbidden' });
    note.body = text;
    return { body: note };
  };

  const answer = (request: ReceivedRequest): HttpAnswer => {
    const overridden = gitlab.override?.(request);
    if (overridden) return overridden;
    const url = new URL(request.path, 'http://gitlab.test');
    const who = tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (!who) return refuse(401, { message: '401 Unauthorized' });
    const api = `${path}/api/v4/`;
    if (!url.pathname.startsWith(api)) return refuse(404, '<html>no such page</html>');
    const at = url.pathname.slice(api.length);
    if (at === 'user') return { body: who };
    const [, iid, notesPart, id] =
      new RegExp(`^projects/${project}/merge_requests(?:/(\\d+)(/notes)(?:/(\\d+))?)?$`).exec(at) ?? [];
    if (at === `projects/${project}/merge_requests`) {
      const branch = url.searchParams.get('source_branch');
      const found = mergeRequests
        .filter((one) => one.branch === branch)
        .filter(({ state }) => ['all', null, state].includes(url.searchParams.get('state')))
        .map(({ from, state, iid: number }) => ({ iid: number, state, source_project_id: from }));
      return pageOf(found, { url, base: server.url });
    }
    const one = mergeRequests.find((known) => known.iid === Number(iid));
    if (!one || notesPart === undefined) return refuse(404, { message: '404 Not found' });
    if (request.method === 'GET') return pageOf(one.notes, { url, base: server.url });
    return writing(one, request, who, Number(id));
  };

  const travel = () => (gitlab.latency ? sleep(gitlab.latency()) : undefined);
  const server = await aHttpServer(async (request) => {
    await travel();
    const answered = answer(request);
    await travel();
    return answered;
  });
  const gitlab: TestGitLab = {
    url: `${server.url}${path}`,
    project,
    mergeRequests,
    tokens,
    override: undefined,
    latency: undefined,
    received: server.received,
    open: (more = {}) => {
      const iid = mergeRequests.length + 1;
      const one: TestMergeRequest = {
        iid,
        branch: 'fix',
        state: 'opened',
        from: project,
        notes: [],
        ...more,
      };
      mergeRequests.push(one);
      return one;
    },
    addNote: (request, body, author = person) => add(request, body, author),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return gitlab;
};
