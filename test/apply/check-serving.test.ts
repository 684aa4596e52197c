import { describe, expect, test } from 'vitest';
import { performCheck } from '../../src/apply/check-serving.ts';
import type { DeployResult } from '../../src/apply/deploy-types.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { CheckStep } from '../../src/plan/plan.ts';
import { aHttpServer, type HttpAnswer } from '../support/http.ts';

const step: CheckStep = {
  kind: 'check',
  id: 'check',
  title: 'Check that shop answers',
  needs: [],
  repeat: 'a request changes nothing',
  app: 'shop',
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
  }: { host?: Record<string, string>; isProxied?: boolean; isHostLocal?: boolean } = {},
) => {
  const known = { ...answers, ...host };
  const warnings: string[] = [];
  const asked: string[] = [];
  let clock = 0;
  const result = await performCheck(
    step,
    { urls: [], shipped: true, detail: '', ...deployed },
    {
      host: {
        ask: async ({ line }): Promise<CommandResult> => {
          asked.push(line);
          return { kind: 'answered', stdout: known[line.split(' ', 1)[0] ?? ''] ?? '', stderr: '' };
        },
        open: () => Promise.reject(new Error('nothing is shipped here')),
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
        usage: () => ({ connections: 1, commands: 0 }),
      },
      vault: new Map(),
      now: () => clock,
      sleep: async (milliseconds) => {
        clock += milliseconds;
      },
      sleepThroughStop: () => new Promise(() => {}),
      stop: new AbortController().signal,
      isProxied,
      isHostLocal,
      warn: (message) => warnings.push(message),
    },
  ).catch((error: unknown) => error);
  return { result, warnings, asked, seconds: clock / 1_000 };
};

const status = (...codes: readonly number[]) =>
  aHttpServer((_, count): HttpAnswer => ({ status: codes[Math.min(count, codes.length) - 1] ?? 200 }));

describe('the check after a deploy', () => {
  test.each([200, 204, 301, 401, 404, 500])('passes at once if the app answers %i', async (code) => {
    await using server = await status(code);
    expect(await check({ urls: [server.url] })).toEqual({
      result: { outcome: 'done', detail: `it answers ${code}` },
      warnings: [],
      asked: [],
      seconds: 0,
    });
  });

  test('passes if the app answers after the host has reloaded its proxy', async () => {
    await using server = await status(502, 503, 504, 200);
    expect(await check({ urls: [server.url] })).toMatchObject({ result: { outcome: 'done' }, seconds: 3 });
  });

  test.each([502, 503, 504])('fails after 20 s of %i, with the last lines of the log', async (code) => {
    await using server = await status(code);
    const { result, seconds, asked } = await check({ urls: [server.url] });
    expect([result, seconds]).toMatchObject([
      {
        code: 'not-serving',
        exitCode: 5,
        message: `shop is deployed but does not serve: after 20 s, ${server.url} still answers ${code}.`,
        said: ['2026 app[web.1]: starting'],
      },
      20,
    ]);
    expect(asked).toContain('logs shop --num 20');
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
