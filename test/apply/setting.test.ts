import { describe, expect, test } from 'vitest';
import { performSetting } from '../../src/apply/setting.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { DeployError } from '../../src/errors.ts';
import type { SettingStep } from '../../src/plan/plan.ts';
import { hostAccessTo } from '../support/host-access.ts';
import { aHttpServer } from '../support/http.ts';

const step: SettingStep = {
  kind: 'setting',
  id: 'set-domains',
  title: 'Set the domains of shop',
  needs: [],
  repeat: 'the whole list is written again',
  app: 'shop',
  key: 'domains',
  before: 'old.example.com',
  after: 'new.example.com',
  commands: [{ words: ['domains:set', 'shop', 'new.example.com'] }],
  undo: [{ words: ['domains:set', 'shop', 'old.example.com'] }],
  verified: { declared: ['new.example.com'], recorded: [] },
};

const done: CommandResult = { kind: 'answered', stdout: '', stderr: '' };
const refused = (stderr: string): CommandResult => ({ kind: 'refused', exit: 1, stdout: '', stderr });
const invalidFor = (app: string): string =>
  ` !     Failed to validate nginx config for ${app}. Contents below...\n[emerg] 1#1: cannot load certificate\n`;

/** Performs a step on a host that answers the writes so, one after the other; further ones are done. */
const perform = async (
  { answers = [], has = 'new.example.com' }: { answers?: readonly CommandResult[]; has?: string },
  more: Partial<SettingStep> = {},
  deployed?: Parameters<typeof performSetting>[1],
) => {
  const sent: string[] = [];
  const warnings: string[] = [];
  const left = [...answers];
  const host = hostAccessTo((line) => {
    if (line.startsWith('domains:report')) {
      const report = { 'app-enabled': 'true', 'app-vhosts': has, 'global-vhosts': 'host.test' };
      return { kind: 'answered', stdout: JSON.stringify(report), stderr: '' };
    }
    if (line.startsWith('urls')) return { kind: 'answered', stdout: 'http://new.example.com\n', stderr: '' };
    sent.push(line);
    return left.shift() ?? done;
  });
  const options = {
    ...host,
    onLine: () => {},
    warn: (message: string) => void warnings.push(message),
    isProxied: false,
    isHostLocal: true,
  };
  const result = await performSetting({ ...step, ...more }, deployed, options).catch(
    (error: unknown) => error,
  );
  return { result, sent, warnings, slept: host.now() };
};

const deployedAt = (url: string) => ({ urls: [url], shipped: true, detail: '' });

describe('a setting', () => {
  test('is written and looked at, and names the difference', async () => {
    const { result, sent } = await perform({});
    expect(result).toEqual({ outcome: 'done', detail: 'old.example.com → new.example.com' });
    expect(sent).toEqual(['domains:set shop new.example.com']);
  });

  test('that the host accepts without applying it is an error', async () => {
    const { result } = await perform({ has: 'old.example.com' });
    expect(result).toMatchObject({
      code: 'setting-not-applied',
      message: 'domains of shop is old.example.com after the host was asked to make it new.example.com.',
    });
  });

  test.each([
    ['because it is there', [refused(' !     Mount path already exists.\n')]],
    [
      'after the answer to the first sending was lost',
      [{ kind: 'not-reached', reason: 'reset', sent: true }, refused(' !     Mount path does not exist.\n')],
    ],
  ] as [string, CommandResult[]][])('that is refused %s is looked at', async (_, answers) => {
    expect((await perform({ answers })).result).toMatchObject({ outcome: 'done' });
    const other = await perform({ answers, has: 'old.example.com' });
    expect(other.result).toMatchObject({ code: 'setting-not-applied' });
  });

  test('that nginx refuses is taken back at once', async () => {
    const { result, sent } = await perform({ answers: [refused(invalidFor('shop'))] });
    expect(sent).toEqual(['domains:set shop new.example.com', 'domains:set shop old.example.com']);
    expect(result).toBeInstanceOf(DeployError);
    expect(result).toMatchObject({
      code: 'host-refused',
      message: expect.stringContaining('It was taken back.'),
    });
  });

  test('is written again while another app breaks nginx for a moment', async () => {
    const other = refused(invalidFor('blog'));
    const { result, sent, slept } = await perform({ answers: [other, other] });
    expect(result).toMatchObject({ outcome: 'done' });
    expect(sent).toEqual(Array(3).fill('domains:set shop new.example.com'));
    expect(slept).toBe(10_000);
  });

  test('names the app that keeps breaking nginx', async () => {
    const { result, sent } = await perform({ answers: Array(7).fill(refused(invalidFor('blog'))) });
    expect(sent).toHaveLength(8);
    expect(result).toMatchObject({
      message: expect.stringContaining('because of the app blog'),
      remedy: expect.stringContaining('Fix blog on the host'),
    });
  });

  test('that the host refuses for another reason is not taken back', async () => {
    const { result, sent } = await perform({ answers: [refused('new.example.com is invalid. exiting...')] });
    expect(sent).toHaveLength(1);
    expect(result).toMatchObject({ code: 'host-refused', said: ['new.example.com is invalid. exiting...'] });
  });

  test('is left to the job that deployed a newer commit', async () => {
    const { result, sent } = await perform(
      {},
      {},
      { ...deployedAt('http://shop.test'), supersededBy: 'abc' },
    );
    expect(result).toMatchObject({ outcome: 'skipped' });
    expect(sent).toEqual([]);
  });

  test('that changes the URLs asks for them', async () => {
    const { result } = await perform({}, { changesUrls: true });
    expect(result).toMatchObject({ urls: ['http://new.example.com'] });
  });
});

describe('a setting that is for requests', () => {
  test('has the effect once a request without credentials gets the status', async () => {
    await using app = await aHttpServer((_, count) => ({ status: count < 3 ? 200 : 401 }));
    const { result } = await perform({}, { answersWith: 401 }, deployedAt(app.url));
    expect(result).toMatchObject({ outcome: 'done' });
    expect(app.received).toHaveLength(3);
    expect(app.received[0]?.headers.authorization).toBeUndefined();
  });

  test('is an error if the app stays open', async () => {
    await using app = await aHttpServer(() => ({ status: 200 }));
    const { result } = await perform({}, { answersWith: 401 }, deployedAt(app.url));
    expect(result).toMatchObject({
      code: 'setting-not-applied',
      message: expect.stringContaining('answers 200 a request without credentials, instead of 401'),
    });
  });

  test('is an error if the open app redirects to another host, whatever that answers', async () => {
    const headers = { location: 'https://login.invalid/' };
    await using app = await aHttpServer(() => ({ status: 302, headers }));
    const { result } = await perform({}, { answersWith: 401 }, deployedAt(app.url));
    expect(result).toMatchObject({
      code: 'setting-not-applied',
      message: expect.stringContaining('answers 302'),
    });
  });

  test('is asked for at the address of probe.connect, under the app’s own name', async () => {
    await using app = await aHttpServer(() => ({ status: 401 }));
    const connect = { host: '127.0.0.1', port: Number(new URL(app.url).port) };
    const { result, warnings } = await perform(
      {},
      { answersWith: 401, connect },
      deployedAt('http://shop.invalid'),
    );
    expect([result, warnings]).toEqual([expect.objectContaining({ outcome: 'done' }), []]);
    expect(app.received.map(({ headers }) => headers.host)).toEqual(['shop.invalid']);
  });

  test('is a warning if this job cannot reach the app', async () => {
    const { result, warnings } = await perform(
      {},
      { answersWith: 401 },
      deployedAt('http://no-such.invalid'),
    );
    expect(result).toMatchObject({ outcome: 'done' });
    expect(warnings).toHaveLength(1);
  });

  test.each([[[]], [['http://*.example.com']]])(
    'is a warning if the app has only the URLs %j',
    async (urls) => {
      const { warnings } = await perform({}, { answersWith: 401 }, { urls, shipped: true, detail: '' });
      expect(warnings).toEqual([expect.stringContaining('could not be checked with a request')]);
    },
  );

  test('is not asked of an app that was not deployed', async () => {
    expect((await perform({}, { answersWith: 401 })).result).toMatchObject({ outcome: 'done' });
  });
});
