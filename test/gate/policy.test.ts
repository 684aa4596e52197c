import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readIdentity } from '../../src/gate/identity.ts';
import { parsePolicy, readListenAddress, readPolicy } from '../../src/gate/policy.ts';
import { policySchema } from '../../src/gate/policy-schema.ts';
import { shopRules } from '../support/gate.ts';
import { aFolder } from '../support/repository.ts';

const valid = `host: {address: dokku.example.com, key: /k, known_hosts: /h}\nprojects:${shopRules}`;

const problemsOf = (text: string): string[] => {
  const read = parsePolicy({ path: 'policy.yml', text });
  return 'problems' in read ? read.problems.map(({ where, message }) => `${where}: ${message}`) : [];
};

describe('a policy', () => {
  test('reports all of its problems at once, with line and column', () => {
    const text = [
      'host: {adress: dokku.example.com, key: /k, known_hosts: /h}',
      'listen: {address: nowhere, host_key: /k}',
      'projects:',
      '  - path: group/shop',
      '    review: {max: 0}',
      '    environments:',
      '      production: {app: shop}',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'policy.yml:1:7: host.address: is missing',
      'policy.yml:1:8: host.adress is not a known key',
      'policy.yml:5:19: projects.0.review.max: must be at least 1',
      'policy.yml:5:13: projects.0.review: needs any_ref: true, or refs',
      'policy.yml:7:19: projects.0.environments.production: needs ref, tag, protected: true or any_ref: true: any branch’s job can name any environment',
    ]);
  });

  test('reports lists that would give a job more than its own', () => {
    const text = `host: {address: h, key: /k, known_hosts: /h}
projects:
  - {path: a/b, review: {any_ref: true, storage: ["/srv/*", "$APP-*"], networks: ["$APP*"], settings: [all]}}`;
    const problems = problemsOf(text).join('\n');
    expect(problems).toContain('storage.0: a folder of the host cannot have a *');
    expect(problems).toContain('storage.1: a * after $APP matches the names of other apps');
    expect(problems).toContain('networks.0: a * after $APP matches the names of other apps');
    expect(problems).toContain('settings.0');
  });

  test('reports rules that contradict one another', () => {
    const text = [
      'host: {address: "https://x", key: /k, known_hosts: /h}',
      'listen: {address: nowhere, host_key: /k}',
      'projects:',
      '  - {path: a/b, environments: {one: {app: shop, ref: main, from: [two]}}}',
      '  - {path: a/c, environments: {one: {app: shop, ref: main}}}',
      '  - {path: a/b, review: {any_ref: true}}',
    ].join('\n');
    expect(problemsOf(text).map((problem) => problem.replace(/^policy.yml:\d+:\d+: /, ''))).toEqual([
      'host.address: is a URL, but not an ssh:// one',
      'listen: jobs that connect need gitlab, too',
      'listen.address: is not an address',
      'projects.0.environments.one.from: two is not an environment of the project',
      'projects.1.environments.one.app: shop is already the app of one of a/b',
      'projects.2.path: the project is listed twice',
    ]);
  });

  test('is read from a file that only its owner can write', async () => {
    using folder = aFolder();
    const path = join(folder.folder, 'policy.yml');
    writeFileSync(path, valid, { mode: 0o644 });
    expect((await readPolicy(path)).projects).toHaveLength(2);
  });

  test.each([
    ['a group can write', (path: string) => chmodSync(path, 0o664), /can be written by others/],
    ['all can write', (path: string) => chmodSync(path, 0o602), /can be written by others/],
    [
      'is in a folder that others can write',
      (path: string) => chmodSync(join(path, '..'), 0o777),
      /others can replace it/,
    ],
  ])('is refused if %s', async (_, weaken, expected) => {
    using folder = aFolder();
    mkdirSync(join(folder.folder, 'etc'));
    const path = join(folder.folder, 'etc', 'policy.yml');
    writeFileSync(path, valid, { mode: 0o600 });
    weaken(path);
    await expect(readPolicy(path)).rejects.toThrow(expected);
  });

  test('is refused if a link leads to a file in a folder that others can write', async () => {
    using folder = aFolder();
    mkdirSync(join(folder.folder, 'open'));
    const path = join(folder.folder, 'open', 'policy.yml');
    writeFileSync(path, valid, { mode: 0o600 });
    chmodSync(join(folder.folder, 'open'), 0o777);
    symlinkSync(path, join(folder.folder, 'link.yml'));
    await expect(readPolicy(join(folder.folder, 'link.yml'))).rejects.toThrow(/others can replace it/);
  });

  test('that does not exist is reported by name', async () => {
    await expect(readPolicy('/nowhere/policy.yml')).rejects.toThrow('/nowhere/policy.yml: cannot be read');
  });
});

describe('the documentation', () => {
  test.each(['gate.md', 'custom-executor.md'])('has a policy that is valid: docs/%s', (page) => {
    const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
    const [example = ''] = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
    expect(example).toContain('projects:');
    expect(problemsOf(example)).toEqual([]);
  });

  test('describes every key of the policy', () => {
    const text = ['gate.md', 'custom-executor.md']
      .map((page) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8'))
      .join('\n');
    const keys = keysOf(z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' }));
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !text.includes(key))).toEqual([]);
  });
});

/** The names of all properties in a JSON Schema. */
const keysOf = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [
    ...Object.keys(properties),
    ...Object.values(schema).flatMap(keysOf),
    ...Object.values(properties).flatMap(keysOf),
  ];
};

describe('the address to listen on', () => {
  test.each([
    ['0.0.0.0:2222', { host: '0.0.0.0', port: 2222 }],
    ['[::1]:22', { host: '::1', port: 22 }],
    ['unix:/run/gate.sock', { path: '/run/gate.sock' }],
    ['example.com', undefined],
    ['example.com:70000', undefined],
    ['unix:gate.sock', undefined],
  ])('%s is read as %j', (text, expected) => {
    expect(readListenAddress(text)).toEqual(expected);
  });
});

describe('an identity', () => {
  const claims = {
    project_id: '42',
    project_path: 'group/shop',
    ref: 'main',
    ref_type: 'branch',
    ref_protected: 'true',
  };

  test.each([
    [{}, 'branch'],
    [{ ref_path: 'refs/heads/main' }, 'branch'],
    [{ ref_type: 'tag', ref_path: 'refs/tags/main' }, 'tag'],
    [{ pipeline_source: 'merge_request_event' }, 'merge request'],
    [{ ref_path: 'refs/merge-requests/1/head' }, 'merge request'],
    [{ ref_path: 'refs/heads/other' }, 'merge request'],
  ])('with %j is one of a %s', (more, expected) => {
    expect(readIdentity({ ...claims, ...more }).refKind).toBe(expected);
  });

  test('has the claims of the token, and nothing that the token does not have', () => {
    expect(readIdentity({ ...claims, environment: 'production', job_id: 7 })).toEqual({
      projectId: '42',
      projectPath: 'group/shop',
      ref: 'main',
      refKind: 'branch',
      isProtected: true,
      environment: 'production',
      job: '7',
      user: undefined,
    });
  });

  test.each([[null], [{}], [{ project_path: 'a/b' }], [{ ...claims, ref_protected: 'maybe' }]])(
    'that is %j is refused',
    (given) => {
      expect(() => readIdentity(given)).toThrow('The identity is not that of a GitLab job.');
    },
  );
});
