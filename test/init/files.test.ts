import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfigFile } from '../../src/context/config-file.ts';
import type { Answers } from '../../src/init/answers.ts';
import { formatConfiguration } from '../../src/init/configuration.ts';
import { detectProject } from '../../src/init/detect.ts';
import { describeHost } from '../../src/init/host-facts.ts';
import { formatInstructions } from '../../src/init/instructions.ts';
import { formatPipeline } from '../../src/init/pipeline.ts';
import { formatRouteMap } from '../../src/init/route-map.ts';

const answers: Answers = {
  host: 'dokku.example.com',
  services: [
    { type: 'postgres', version: '18.10' },
    { type: 'redis', version: undefined },
  ],
  reviewApps: true,
  environments: ['staging', 'production'],
  pipeline: 'component',
  component: 'tools/dokku-deploy',
  image: 'registry.example.com/x:1',
  routeMap: false,
  key: { kind: 'none' },
};

const facts = detectProject(new Map());

describe('.dokku-deploy.yml', () => {
  test('is valid, and has versions as text', async () => {
    const env = { A: '$A' };
    const text = formatConfiguration({ ...facts, env }, answers) ?? '';
    const { configuration, problems } = await readConfigFile({ path: 'x', text });
    expect(problems).toEqual([]);
    expect(configuration).toEqual({
      services: [{ type: 'postgres', version: '18.10' }, 'redis'],
      env,
      environments: { staging: {}, production: {} },
    });
  });

  test('is not written if it would be empty', () => {
    expect(formatConfiguration(facts, { ...answers, services: [], environments: [] })).toBeUndefined();
  });
});

describe('.gitlab-ci.yml', () => {
  type Include = { component: string; inputs: Record<string, unknown> };
  const includesOf = (more: Partial<Answers>): Include[] =>
    (parse(formatPipeline({ ...answers, ...more }, { isNew: true }) ?? '') as { include: Include[] }).include;

  test.each([
    [{}, ['pipeline']],
    [{ reviewApps: false }, ['deploy', 'deploy']],
    [{ environments: ['production'] }, ['review', 'deploy']],
    [{ environments: [] }, ['review']],
  ] as [Partial<Answers>, string[]][])(
    'with %j includes the components %j, with inputs that they have',
    (more, names) => {
      const includes = includesOf(more);
      expect(includes.map(({ component }) => /\/([a-z]+)@/.exec(component)?.[1])).toEqual(names);
      for (const { component, inputs } of includes) {
        const [, name] = /\/([a-z]+)@/.exec(component) ?? [];
        const template = readFileSync(new URL(`../../templates/${name}.yml`, import.meta.url), 'utf8');
        const [spec] = parseAllDocuments(template);
        const known = Object.keys(
          (spec?.toJS() as { spec: { inputs: object } } | undefined)?.spec.inputs ?? {},
        );
        expect(known).toEqual(expect.arrayContaining(Object.keys(inputs)));
      }
    },
  );

  test('has plain jobs: the first environment is deployed at once, the others by hand', () => {
    const text = formatPipeline({ ...answers, pipeline: 'jobs' }, { isNew: true }) ?? '';
    const jobs = parse(text) as Record<string, { script: string; rules: { when?: string }[] }>;
    expect(Object.keys(jobs)).toEqual(['stages', 'review', 'stop_review', 'staging', 'production']);
    expect([jobs.staging?.rules[0]?.when, jobs.production?.rules[0]?.when]).toEqual([undefined, 'manual']);
    expect(formatPipeline({ ...answers, pipeline: 'jobs' }, { isNew: false })).not.toContain('stages:');
    const alone = { ...answers, pipeline: 'jobs' as const, environments: ['production'] };
    expect(formatPipeline(alone, { isNew: true })).toMatch(/DEFAULT_BRANCH\n +when: manual\n.*\n$/);
    expect(formatPipeline({ ...answers, pipeline: 'none' }, { isNew: true })).toBeUndefined();
  });
});

test('a route map leads from each page to its URL', () => {
  const map = parse(formatRouteMap('www', ['about.html', 'index.html']) ?? '') as {
    source: string;
    public: string;
  }[];
  const urlOf = (path: string) => {
    const found = map.find(({ source }) => new RegExp(source.slice(1, -1)).test(path));
    return found && path.replace(new RegExp(found.source.slice(1, -1)), found.public.replaceAll('\\1', '$1'));
  };
  expect(['www/index.html', 'www/a/index.html', 'www/about.html', 'test/x.html'].map(urlOf)).toEqual([
    '',
    'a/',
    'about.html',
    undefined,
  ]);
  expect(formatRouteMap('', [])).toBeUndefined();
});

describe('what is left to do', () => {
  const lines = (more: Partial<Parameters<typeof formatInstructions>[0]>) =>
    formatInstructions({ facts, answers, key: undefined, keyName: 'ci', ...more }).split('\n');

  test('begins with the key: the commands that make one, or the public half of the one that was made', () => {
    expect(lines({})).toContain('  ssh root@dokku.example.com dokku ssh-keys:add ci < deploy_key.pub');
    const key = { publicKey: 'ssh-ed25519 AAAA ci', file: 'keys/ci' };
    const made = lines({ key });
    expect(made).toContain("  echo 'ssh-ed25519 AAAA ci' | ssh root@dokku.example.com dokku ssh-keys:add ci");
    expect(made.join('\n')).toContain('the contents of keys/ci; then delete the file');
  });

  test('names the host without its user and port', () => {
    const more = { answers: { ...answers, host: 'ssh://dokku@d.example.com:2222' } };
    expect(lines(more).join('\n')).toMatch(
      /ssh root@d\.example\.com dokku[\s\S]*ssh-keyscan -p 2222 d\.example\.com/,
    );
  });
});

test('a host is compared with what the project needs', () => {
  const answered = (stdout: string) => ({ kind: 'answered' as const, stdout, stderr: '' });
  const plugins = '  apps  0.38.27 enabled    x\n  redis 1.43.0 enabled    x\n';
  expect(
    describeHost([answered(plugins), answered('shop\nshop-staging\nshopping\n')], 'shop', answers),
  ).toEqual([
    'The host lacks the plugin postgres. On the host: sudo dokku plugin:install https://github.com/dokku/dokku-postgres.git',
    'The host has an app shop. To start from what it has: dokku-deploy import shop',
    'The host has an app shop-staging. To start from what it has: dokku-deploy import shop-staging',
  ]);
});
