import { describe, expect, test } from 'vitest';
import { performCheck } from '../../src/apply/check-serving.ts';
import type { DeployResult } from '../../src/apply/deploy-types.ts';
import { defaultProbe } from '../../src/context/probe.ts';
import type { Probe } from '../../src/context/probe-types.ts';
import type { CheckStep } from '../../src/plan/plan.ts';
import { Secret } from '../../src/secret.ts';
import { answeringHost } from '../support/host-access.ts';
import { aHttpServer, type HttpAnswer } from '../support/http.ts';

const step: CheckStep = {
  kind: 'check',
  id: 'check',
  title: 'Check that shop answers',
  needs: [],
  repeat: 'a request changes nothing',
  app: 'shop',
  commit: undefined,
  probe: defaultProbe,
};

const answers: Readonly<Record<string, string>> = {
  logs: '\u001b[36m2026 app[web.1]:\u001b[0m starting\n',
  'ps:scale': '-----> Scaling for shop\nproctype: qty\n--------: ---\nweb:  1\n',
  'domains:report': '127.0.0.1 shop.test\n',
  'maintenance:report': 'false\n',
};

/** Checks a deploy, on a host with these answers and a clock that only pauses move. */
const check = async (
  deployed: Partial<DeployResult>,
  {
    host = {},
    isProxied = false,
    isHostLocal = true,
    probe = {},
    commit,
  }: {
    host?: Record<string, string>;
    isProxied?: boolean;
    isHostLocal?: boolean;
    probe?: Partial<Probe>;
    commit?: string;
  } = {},
) => {
  const known = { ...answers, ...host };
  const warnings: string[] = [];
  const asked: string[] = [];
  const shown: string[] = [];
  let clock = 0;
  const result = await performCheck(
    { ...step, commit, probe: { ...defaultProbe, ...probe } },
    { urls: [], shipped: true, detail: '', ...deployed },
    {
      host: answeringHost((line) => {
        asked.push(line);
        return { kind: 'answered', stdout: known[line.split(' ', 1)[0] ?? ''] ?? '', stderr: '' };
      }),
      vault: new Map([['basic_auth.password', new Secret('basic_auth.password', 'correct horse')]]),
      now: () => clock,
      sleep: async (milliseconds) => {
        clock += milliseconds;
      },
      sleepThroughStop: () => new Promise(() => {}),
      stop: new AbortController().signal,
      isProxied,
      isHostLocal,
      warn: (message) => warnings.push(message),
      showLog: (lines) => shown.push(...lines),
    },
  ).catch((error: unknown) => error);
  return { result, warnings, asked, shown, seconds: clock / 1_000 };
};

const status = (...codes: readonly number[]) =>
  aHttpServer((_, count): HttpAnswer => ({ status: codes[Math.min(count, codes.length) - 1] ?? 200 }));

describe('the check after a deploy', () => {
  test('sends the login of basic_auth to a page that is asked for on purpose', async () => {
    await using server = await aHttpServer();
    const login = { user: 'team', password: { secret: 'basic_auth.password' } };
    await check({ urls: [server.url] }, { probe: { path: '/health', login, isStrict: true } });
    const expected = `Basic ${Buffer.from('team:correct horse').toString('base64')}`;
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([expected]);
  });

  test.each([200, 204, 301, 401, 404, 500])('passes at once if the app answers %i', async (code) => {
    await using server = await status(code);
    expect(await check({ urls: [server.url] })).toEqual({
      result: { outcome: 'done', detail: `it answers ${code}` },
      warnings: [],
      asked: [],
      shown: [],
      seconds: 0,
    });
  });

  test('passes if the app answers after the host has reloaded its proxy', async () => {
    await using server = await status(502, 503, 504, 200);
    expect(await check({ urls: [server.url] })).toMatchObject({ result: { outcome: 'done' }, seconds: 3 });
  });

  test.each([502, 503, 504])('fails after 20 s of %i, with the last lines of the log', async (code) => {
    await using server = await status(code);
    const { result, seconds, asked, shown } = await check({ urls: [server.url] });
    expect([result, seconds]).toMatchObject([
      {
        code: 'not-serving',
        exitCode: 5,
        message: `shop is deployed but does not serve: after 20 s, ${server.url} still answers ${code}.`,
        said: ['2026 app[web.1]: starting'],
      },
      20,
    ]);
    expect(asked).toContain('logs shop --num 30 --quiet');
    expect(shown).toEqual(['2026 app[web.1]: starting']);
  });

  test('fails if the connection is refused', async () => {
    const server = await status(200);
    await server[Symbol.asyncDispose]();
    expect((await check({ urls: [server.url] })).result).toMatchObject({
      code: 'not-serving',
      message: expect.stringContaining('still refuses the connection'),
    });
  });

  test('warns once about a URL that this job cannot reach', async () => {
    const { result, warnings, seconds } = await check({ urls: ['http://no-such-name.invalid'] });
    expect([result, warnings.length, seconds]).toMatchObject([{ outcome: 'skipped' }, 1, 0]);
    expect(warnings[0]).toContain('http://no-such-name.invalid could not be checked from this job');
  });

  test('warns if the job’s proxy may have given the answer', async () => {
    await using server = await status(503);
    // Linux takes it for loopback, which the check does not.
    const url = server.url.replace('127.0.0.1', '0.0.0.0');
    const { result, warnings } = await check({ urls: [url] }, { isProxied: true });
    expect([result, warnings]).toMatchObject([{ outcome: 'skipped' }, [expect.stringContaining('proxy')]]);
  });

  test.each([
    ['an app without a web process', { 'ps:scale': 'web: 0\nworker: 1\n' }, 'shop runs no web process'],
    ['an app in maintenance', { 'maintenance:report': 'true\n' }, 'shop is in maintenance'],
    ['a URL that is none of the app’s domains', { 'domains:report': '\n' }, 'no domain to check'],
  ])('does not fail for %s', async (_, host, detail) => {
    await using server = await status(503);
    expect((await check({ urls: [server.url] }, { host })).result).toEqual({ outcome: 'skipped', detail });
  });

  test('does not ask loopback on a machine that is not the host', async () => {
    const { result, warnings } = await check({ urls: ['http://shop.localhost:1'] }, { isHostLocal: false });
    expect([result, warnings]).toMatchObject([{ outcome: 'skipped' }, []]);
  });

  test.each([
    ['a deploy without a web process', { urls: ['http://shop.test'], hasWeb: false }],
    ['an app without a URL', { urls: [] }],
    ['an app that has only a wildcard', { urls: ['http://*.shop.test'] }],
    ['a superseded run', { urls: ['http://shop.test'], supersededBy: 'a' }],
    ['an app that has answered already', { urls: ['http://shop.test'], isServing: true }],
  ])('asks nothing for %s', async (_, deployed) => {
    expect(await check(deployed)).toMatchObject({ result: { outcome: 'skipped' }, warnings: [], asked: [] });
  });
});

describe('the check that a project has configured', () => {
  const strict = { path: '/health', status: 'success', isStrict: true } as const;

  test.each([
    ['a status below 400', {}, { status: 204 }, true],
    ['a redirect', {}, { status: 302 }, true],
    ['404, since the page was chosen', {}, { status: 404 }, false],
    ['500', {}, { status: 500 }, false],
    ['the status that was asked for', { status: [401] }, { status: 401 }, true],
    ['one of several', { status: [200, 503] }, { status: 503 }, true],
    ['another status than that', { status: [200] }, { status: 204 }, false],
    ['the text', { text: 'v42' }, { body: 'this is v42' }, true],
    ['a text with another status', { text: 'v42' }, { body: 'this is v42', status: 500 }, false],
    ['no such text', { text: 'v42' }, { body: 'this is v41' }, false],
  ])('decides about %s', async (_, probe, answer, passes) => {
    await using server = await aHttpServer(() => answer);
    const { result } = await check({ urls: [server.url] }, { probe: { ...strict, ...probe } });
    expect(result).toMatchObject(passes ? { outcome: 'done' } : { code: 'not-serving', exitCode: 5 });
    expect(server.received[0]?.path).toBe('/health');
  });

  test('asks until the app answers so, and no longer than it may take', async () => {
    await using server = await aHttpServer((_, count) => ({ status: count < 40 ? 404 : 200 }));
    const late = await check({ urls: [server.url] }, { probe: { ...strict, seconds: 60 } });
    expect(late).toMatchObject({ result: { outcome: 'done', detail: 'it answers 200' }, seconds: 39 });
    await using missing = await aHttpServer(() => ({ status: 404, body: 'nothing here' }));
    const failed = await check({ urls: [missing.url] }, { probe: { ...strict, seconds: 5, text: 'v42' } });
    expect([failed.result, failed.seconds]).toMatchObject([
      {
        message: `shop is deployed but does not serve: after 5 s, ${missing.url}/health still answers 404 without the expected text.`,
        remedy: expect.stringContaining('compare the answer with probe'),
      },
      5,
    ]);
  });

  test('asks an app again that has answered at its URL before', async () => {
    await using server = await aHttpServer(() => ({ status: 404 }));
    const { result } = await check({ urls: [server.url], isServing: true }, { probe: strict });
    expect(result).toMatchObject({ code: 'not-serving' });
  });

  test('fails if the app cannot be reached from this job', async () => {
    const { result } = await check(
      { urls: ['http://no-such-name.invalid'] },
      { probe: { ...strict, seconds: 1 } },
    );
    expect(result).toMatchObject({
      code: 'not-serving',
      message: expect.stringContaining('still cannot be reached'),
      remedy: expect.stringContaining('connect: true'),
    });
  });

  test('connects to another host than the one in the URL, under the app’s name', async () => {
    await using server = await aHttpServer();
    const connect = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    const { result } = await check(
      { urls: ['http://shop.no-such-name.invalid:8080'] },
      { probe: { ...strict, connect }, isProxied: true, isHostLocal: false },
    );
    expect(result).toMatchObject({ outcome: 'done' });
    expect(server.received[0]).toMatchObject({
      path: '/health',
      headers: { host: 'shop.no-such-name.invalid:8080' },
    });
  });
});

describe('a check that asks for the commit', () => {
  const commit = 'c0ffee00'.repeat(5);
  const revision = 'decade11'.repeat(5);
  const old = '01d01d01'.repeat(5);
  const record = { commit, committedAt: undefined, revision, url: undefined };
  const inHeader = { commit: { header: 'X-Commit' }, isStrict: true };
  const atPath = { commit: { path: '/version' }, isStrict: true };

  /** An app that names this commit, in a header and on a page. */
  const naming = (id: string) =>
    aHttpServer(
      ({ path }): HttpAnswer => ({
        headers: { 'x-commit': id },
        body: path === '/version' ? `{"commit":"${id}"}` : 'home',
      }),
    );

  test.each([
    ['the whole id', commit],
    ['its first digits', commit.slice(0, 7)],
    ['its digits in capitals', commit.toUpperCase()],
    ['what the host made of it, which is GIT_REV', revision],
  ])('passes if the app names %s, by a header or on a page', async (_, id) => {
    await using server = await naming(id);
    for (const probe of [inHeader, atPath]) {
      const { result, seconds } = await check({ urls: [server.url], record }, { probe, commit });
      expect([result, seconds]).toEqual([{ outcome: 'done', detail: 'it answers 200' }, 0]);
    }
  });

  test('waits for the new version while the old one still serves', async () => {
    await using server = await aHttpServer(
      ({ path }, count): HttpAnswer => ({
        body: path === '/version' ? (count < 6 ? old : commit) : 'home',
      }),
    );
    const { result, seconds } = await check({ urls: [server.url], record }, { probe: atPath, commit });
    expect([result, seconds]).toMatchObject([{ outcome: 'done' }, 2]);
  });

  test.each([
    ['serves another one', { 'x-commit': old }, 'serves 01d01d01 instead of c0ffee00'],
    ['names none', {}, 'answers 200 and names no commit in the header X-Commit'],
    [
      'names too few digits',
      { 'x-commit': commit.slice(0, 6) },
      'answers 200 and names no commit in the header X-Commit',
    ],
  ])('fails if the app %s', async (_, headers, reason) => {
    await using server = await aHttpServer((): HttpAnswer => ({ headers }));
    const { result } = await check(
      { urls: [server.url], record },
      { probe: { ...inHeader, seconds: 3 }, commit },
    );
    expect(result).toMatchObject({
      code: 'not-serving',
      message: expect.stringContaining(`still ${reason}.`),
    });
  });

  test('knows what the host runs already, of which there is nothing to record', async () => {
    await using server = await naming(revision);
    const { result } = await check({ urls: [server.url], revision, isServing: true }, { probe: atPath });
    expect([result, server.received.map(({ path }) => path)]).toEqual([
      { outcome: 'done', detail: 'it answers 200' },
      ['/', '/version'],
    ]);
  });
});
