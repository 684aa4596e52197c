import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../sandbox/host/split-command.ts';
import { judge } from '../../src/gate/judge.ts';
import { readRecords, recordings } from '../conformance/records.ts';
import { aPolicy, grantsOf, mutations, production } from '../support/gate.ts';

const review = grantsOf();
const deploy = grantsOf(production);

describe('a session of a review app', () => {
  test.each([
    ['--quiet apps:list'],
    ['apps:create my-branch'],
    ['apps:destroy my-branch --force'],
    ['config:export --format json my-branch'],
    ['--quiet config:import --format json --no-restart my-branch -'],
    ["git-receive-pack 'my-branch'"],
    ["mysql:create my-branch-database --image-version 8.4 --custom-env 'A=it'\\''s $(id);B=é'"],
    ['mysql:link my-branch-database my-branch --alias OTHER --no-restart'],
    ['redis:destroy my-branch-redis-2 --force'],
    ["registry:login --password-stdin my-branch registry.example.com:5000 'robot$shop'"],
    ['git:from-image my-branch registry.example.com/shop/web@sha256:0123'],
  ])('may send %s, which is sent as it is', (line) => {
    expect(judge(review, line)).toMatchObject({ kind: 'allowed', line });
  });

  test('keeps its secrets out of the audit', () => {
    const line = '--quiet config:set --no-restart --encoded my-branch KEY=c2VjcmV0 TOKEN=czNjcjN0';
    const env = "mysql:create my-branch-database --custom-env 'ROOT=s3cr3t;B=x'";
    expect(judge(review, line).audited.slice(-2)).toEqual(['KEY=[secret]', 'TOKEN=[secret]']);
    expect(judge(review, env).audited.at(-1)).toBe('ROOT=[secret];B=[secret]');
    expect(judge(review, 'config:set my-branch TOKEN=czNjcjN0').audited).toEqual(['config:set']);
  });
});

describe('a job with inside: [review]', () => {
  const policy = aPolicy(`
  - path: group/shop
    id: 42
    review: {any_ref: true}
    inside: [review]
    environments: {production: {app: shop, protected: true, from: [staging]}, staging: {app: shop-staging, ref: main}}`);
  const start =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell expands it
    '$(f=/tmp/dokku-deploy-run-0123456789abcdef;echo ZWNobw==|base64 -d>$f;chmod 755 $f;test $app_path&&e=exec\\${IFS}\\$0||e=exec;echo $e $f)';
  const line = (app: string, script = start, more = '') =>
    `run --ttl-seconds 3600 ${more}${app} /bin/sh -c '${script}'`;
  const inside = grantsOf({}, policy);

  test('may run a script in its review app, and list and stop what runs there', () => {
    for (const sent of [
      line('my-branch'),
      'run:list my-branch --format json',
      'run:stop --container my-branch.run.123',
    ])
      expect(judge(inside, sent)).toMatchObject({ kind: 'allowed', line: sent, input: 'none' });
    expect(judge(inside, line('my-branch')).audited.at(-1)).toBe('[script]');
  });

  test.each([
    ['another app', line('shop')],
    ['the app of another branch', line('my-branch-2')],
    ['a list of another app', 'run:list shop --format json'],
    ['a container of another app', 'run:stop --container shop.run.1'],
    ['a container of an app whose name only begins like its own', 'run:stop --container my-branch-2.run.1'],
    ['a container of another kind', 'run:stop --container my-branch.web.1'],
    ['all containers', 'run:stop my-branch'],
    ['a detached container', line('my-branch').replace('run ', 'run:detached ')],
    [
      'a variable, which older versions of Dokku give to a shell of the host',
      line('my-branch', start, '--env X=1 '),
    ],
    ['another script', line('my-branch', 'id')],
    ['a script with more after its own', line('my-branch', `${start};id`)],
    ['a second substitution', line('my-branch', start.replace('ZWNobw==', '$(id)'))],
    ['another program', line('my-branch').replace('/bin/sh', 'sh')],
    ['a script without its quotes', line('my-branch').replaceAll("'", '')],
    ['more words', `${line('my-branch')} shop`],
  ])('may not send %s', (_, sent) => {
    expect(judge(inside, sent).kind).toBe('refused');
  });

  test('may not run scripts in the app of an environment, nor any other job in a review app', () => {
    const jobs = grantsOf(production, policy);
    for (const app of ['shop', 'shop-staging']) {
      expect(jobs.apps.has(app)).toBe(true);
      expect(judge(jobs, line(app)).kind).toBe('refused');
    }
    expect(judge(review, line('my-branch'))).toMatchObject({
      kind: 'refused',
      reason: 'run is allowed only for a review app, with inside: [review] in the policy',
    });
  });
});

/** What a hostile job would send. Each is refused before the host is asked. */
const attempts: readonly string[] = [
  'config:show my-branch',
  'config:export --format json shop',
  'config:export --format json shop-staging',
  'config:export --format json blog',
  'config:export --format env my-branch',
  'config:export --format json my-branch shop',
  'config:get my-branch KEY',
  'plugin:list',
  'plugin:install https://example.com/evil.git',
  'plugin:trigger post-deploy my-branch',
  'apps:list',
  'apps:destroy shop --force',
  'apps:destroy my-branch-2 --force',
  'apps:destroy --force my-branch',
  'apps:rename my-branch shop2',
  'apps:clone shop my-branch',
  'storage:mount my-branch /etc:/etc',
  'docker-options:add my-branch deploy --privileged',
  'ssh-keys:add me',
  'run my-branch sh',
  'enter my-branch web sh',
  'enter my-branch web printenv DATABASE_URL',
  'logs shop --num 30 --quiet',
  'logs my-branch --tail',
  'mysql:info shop-database',
  'mysql:export my-branch-database',
  'mysql:destroy shop-database --force',
  'mysql:link shop-database my-branch --no-restart',
  'mysql:create my-branch-database --image dokku/shop:latest',
  'mysql:create my-branch-database --custom-env A=b --volume /:/host',
  'apps:exists my-branch; reboot',
  'apps:exists my-branch && reboot',
  'apps:exists $(reboot)',
  'apps:exists `reboot`',
  'apps:exists my-branch\nreboot',
  'apps:exists my-branch\0reboot',
  'apps:exists my-branch | sh',
  'apps:exists my-branch > /etc/passwd',
  "git-receive-pack 'shop'",
  "git-receive-pack '../shop'",
  "git-receive-pack 'my-branch' 'shop'",
  "git-receive-pack 'my-branch",
  "git-upload-pack 'my-branch'",
  "git-upload-archive 'my-branch'",
  'git:from-image my-branch dokku/shop:latest',
  'git:from-image my-branch docker.io/dokku/shop',
  'git:load-image my-branch example.com/image:1',
  `git:sync --build my-branch /home/dokku/shop ${'a'.repeat(40)}`,
  `git:sync --build my-branch /home/dokku/my-branch/../shop ${'a'.repeat(40)}`,
  `git:sync --build my-branch https://example.com/evil ${'a'.repeat(40)}`,
  '--trace apps:exists my-branch',
  '--app shop config:export --format json my-branch',
  'apps:exists  my-branch',
  ' apps:exists my-branch',
  'apps:exists my-branch ',
  'apps:exists "my-branch"',
  'apps:exists my\\-branch',
  'apps:exists my‑branch',
  'apps:exists \u202emy-branch',
  'Apps:exists my-branch',
  'sh',
  '',
  `apps:exists ${'a'.repeat(1_000_000)}`,
];

describe('a session', () => {
  test.each(attempts.map((line) => [line.slice(0, 80), line]))('may not send %j', (_, line) => {
    for (const grants of [review, grantsOf({ ref: 'main' }), grantsOf({ projectPath: 'x', projectId: '1' })])
      expect(judge(grants, line).kind).toBe('refused');
  });

  test('of a branch does not get a service that an environment has under another name than its app', () => {
    const policy = aPolicy(
      '\n  - {path: group/shop, id: 42, review: {any_ref: true}, environments: {production: {app: web, ref: main, services: [mysql:old-shop-database]}}}',
    );
    const grants = grantsOf({ ref: 'old-shop' }, policy);
    const kinds = ['mysql:info old-shop-database', 'mysql:link old-shop-database old-shop --no-restart'];
    expect(kinds.map((line) => judge(grants, line).kind)).toEqual(['refused', 'refused']);
    expect(judge(grants, 'redis:info old-shop-redis').kind).toBe('allowed');
  });

  test('of production removes nothing, and reads what it promotes', () => {
    const kinds = [
      'apps:destroy shop --force',
      'mysql:destroy shop-database --force',
      'git-receive-pack shop-staging',
      'enter shop-staging web printenv GIT_REV',
      'apps:report shop-staging',
      "git-upload-pack 'shop-staging'",
      `git:sync --build shop /home/dokku/shop-staging ${'a'.repeat(40)}`,
    ].map((line) => judge(deploy, line).kind);
    expect(kinds).toEqual(['refused', 'refused', 'refused', 'refused', 'allowed', 'allowed', 'allowed']);
  });

  test('gets the reason of a refusal, without the values of the command', () => {
    expect(judge(review, 'config:get shop TOKEN=s3cr3t')).toEqual({
      kind: 'refused',
      reason: 'config:get is not a command of dokku-deploy',
      audited: ['config:get'],
    });
    expect(judge(review, 'apps:exists shop')).toMatchObject({
      reason: 'the app shop is not one of this job (the job has no environment)',
    });
  });
});

/** Every command line that was sent to a real Dokku, with this job's app instead of others. */
const recorded = [...recordings.first, ...recordings.second]
  .flatMap(readRecords)
  .flatMap((record) => ('argv' in record && typeof record.argv === 'string' ? [record.argv] : []));

describe('a line that passes', () => {
  test('means to both of Dokku’s splitters what was judged, for every recorded command and its mutations', () => {
    const grants = grantsOf({ ...production, ref: 'my-branch' });
    const lines = new Set(recorded.flatMap((line) => mutations.map((mutate) => mutate(line))));
    expect(lines.size).toBeGreaterThan(20_000);
    const passed = [...lines].map((line) => judge(grants, line)).filter((one) => one.kind === 'allowed');
    expect(passed.length).toBeGreaterThan(20);
    for (const { line, audited, grant } of passed) {
      const { words, complaint } = splitCommand(line);
      const plain = words.map((word) =>
        /^git-/.test(words[0] ?? '') ? word.replace(/^'(.*)'$/, '$1') : word,
      );
      expect(complaint).toBeUndefined();
      const shown = (word: string, index: number) =>
        audited[index] === '[secret]' ? '[secret]' : word.replace(/^(\w+)=.*/, '$1=[secret]');
      expect(plain.map(shown)).toEqual(audited.map(shown));
      const apps = [...grants.apps.keys(), undefined];
      expect(apps).toContain(grant?.app);
    }
  });

  test('has no character with a meaning to a shell outside of quotes', () => {
    const line = 'mysql:create my-branch-database --custom-env \'A=$(id) `id` "x" \\ ; B=y\'';
    const verdict = judge(review, line);
    expect(verdict.kind).toBe('refused');
    const allowed = judge(review, line.replace('; B', ';B'));
    expect(allowed).toMatchObject({ kind: 'allowed' });
    expect(splitCommand((allowed as { line: string }).line).words.at(-1)).toBe('A=$(id) `id` "x" \\ ;B=y');
  });
});
