import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDomainGuard, type DomainGuard } from '../../src/gate/domain-guard.ts';
import type { AskHost } from '../../src/gate/ownership.ts';
import { aDokkuHost, type DokkuHost } from '../support/dokku-host.ts';
import { aPolicy, grantsOf } from '../support/gate.ts';

const policy = aPolicy(`
  - path: group/shop
    id: 42
    review: {any_ref: true, domains: [$APP.review.example.com, "*.example.com", "*.tenants.example.org"]}
    environments: {production: {app: shop, protected: true, domains: [www.example.com, Example.com]}}
`);
const grants = grantsOf({}, policy);
const grant = grants.apps.get('my-branch');

let host: DokkuHost;
let guard: DomainGuard;
let asked: string[];

beforeEach(async () => {
  host = await aDokkuHost([]);
  guard = createDomainGuard();
  asked = [];
  for (const line of ['apps:create my-branch', 'apps:create other']) await host.run(line);
});
afterEach(() => host[Symbol.asyncDispose]());

const ask: AskHost = async (line) => {
  asked.push(line);
  const { exit, out, err } = await host.run(line);
  return exit === 0
    ? { kind: 'answered', stdout: out, stderr: err }
    : { kind: 'refused', exit, stdout: out, stderr: err };
};

const check = (domains: string[], app = grant, by = ask) => {
  if (!app) throw new Error('the policy names no such app');
  return guard.check({ grant: app, domains, grants, ask: by });
};

describe('an app may have', () => {
  test.each([
    ['its default domain', 'my-branch.lab.dokku.test'],
    ['a listed one with its name', 'my-branch.review.example.com'],
    ['one that matches a pattern, and that no other app has', 'fresh.example.com'],
  ])('%s', async (_, domain) => {
    expect(await check([domain])).toBeUndefined();
  });
});

describe('an app may not have', () => {
  test.each([
    ['a domain of another app', 'taken.example.com', 'another app has the domain'],
    ['one below a wildcard of another app', 'a.wild.example.com', 'a wildcard of another app has the domain'],
    ['a narrower wildcard than that of another app', '*.a.wild.example.com', 'a wildcard of another app'],
    ['the default domain of another app', 'other.lab.dokku.test', 'another app has the domain'],
    ['one that is reserved for an environment', 'www.example.com', 'reserves the domain'],
    ['one that is reserved, in other letters', 'example.com', 'reserves the domain'],
    ['a subdomain of its own name elsewhere', 'my-branch.evil.test', 'does not list my-branch.evil.test'],
    ['one that no pattern lists', 'evil.test', 'does not list evil.test'],
  ])('%s', async (_, domain, reason) => {
    await host.run('domains:set other taken.example.com *.wild.example.com other.lab.dokku.test');
    expect(await check(['fresh.example.com', domain])).toContain(reason);
  });

  test('the default domain of an app that does not exist yet', async () => {
    const wide = grantsOf(
      {},
      aPolicy('\n  - {path: group/shop, id: 42, review: {any_ref: true, domains: ["*"]}}'),
    ).apps.get('my-branch');
    expect(await check(['later.lab.dokku.test'], wide)).toContain('the default one of the app of that name');
    expect(await check(['later.example.com'], wide)).toBeUndefined();
  });

  test('a domain that another app is getting at the same moment', async () => {
    const other = grantsOf({ ref: 'two' }, policy).apps.get('two');
    const both = [check(['one.example.com']), check(['one.example.com'], other)];
    expect((await Promise.all(both)).filter(Boolean)).toEqual([
      'another app is getting the domain one.example.com',
    ]);
    guard.end('my-branch');
    expect(await check(['one.example.com'], other)).toBeUndefined();
  });
});

describe('the check', () => {
  test('asks again if an app was created in between, and refuses if it never sees the same apps', async () => {
    let left = 1;
    const creating: AskHost = async (line) => {
      const answer = await ask(line);
      if (line === 'domains:report --format json' && left-- > 0) await host.run(`apps:create new-${left}`);
      return answer;
    };
    expect(await check(['fresh.example.com'], grant, creating)).toBeUndefined();
    expect(asked).toHaveLength(6);
    left = 10;
    expect(await check(['fresh.example.com'], grant, creating)).toContain('try again');
  });

  test('refuses if the host prints something else than JSON', async () => {
    const old: AskHost = async (line) =>
      line.startsWith('domains:') ? { kind: 'answered', stdout: 'a\nb\n', stderr: '' } : ask(line);
    expect(await check(['fresh.example.com'], grant, old)).toContain('cannot be read');
  });

  test('throws if the host does not answer', async () => {
    const away: AskHost = async () => ({ kind: 'not-reached', reason: 'gone', sent: false });
    await expect(check(['fresh.example.com'], grant, away)).rejects.toThrow('gone');
  });
});
