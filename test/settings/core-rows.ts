import { expect } from 'vitest';
import type { BadValueRow, SettingRow } from './setting-row.ts';

/** `domains`, `scale`, `checks`, `restart`, `git` and `paths`. */
export const coreRows: readonly SettingRow[] = [
  {
    key: 'domains',
    yml: 'domains: [www.Example.com, example.com, "*.example.com"]',
    effect: async ({ app, run }) => {
      expect(app().domains).toEqual(['www.example.com', 'example.com', '*.example.com']);
      expect((await run('domains:report shop --domains-app-vhosts')).out).toBe(
        'www.example.com example.com *.example.com\n',
      );
    },
  },
  {
    key: 'domains',
    title: 'none',
    yml: 'domains: []',
    effect: ({ app }) => expect(app().domains).toEqual([]),
  },
  {
    key: 'domains',
    title: 'with variables',
    yml: 'domains: [$APP.$ZONE]',
    query: { env: { ZONE: 'example.org' } },
    effect: ({ app }) => expect(app().domains).toEqual(['shop.example.org']),
  },
  {
    key: 'domains',
    title: 'after domains:disable',
    yml: 'domains: [example.com]',
    prepare: ({ run }) => run('domains:disable shop'),
    effect: ({ app }) => expect(app().domains).toEqual(['example.com']),
    removed: ({ app }) => expect(app().domains).toEqual(['shop.lab.dokku.test']),
  },
  {
    key: 'scale',
    yml: 'scale: {web: 3, worker: $WORKERS}',
    query: { env: { WORKERS: '2' } },
    effect: async ({ run }) => {
      const { out } = await run('ps:scale shop --format json');
      expect(JSON.parse(out)).toEqual([
        { process_type: 'web', quantity: 3 },
        { process_type: 'worker', quantity: 2 },
      ]);
    },
    // Dokku keeps the zero of a type until the next deploy.
    removed: async ({ run }) => {
      const { out } = await run('ps:scale shop --format json');
      expect(JSON.parse(out)).toEqual([
        { process_type: 'web', quantity: 1 },
        { process_type: 'worker', quantity: 0 },
      ]);
    },
  },
  {
    key: 'checks',
    yml: 'checks: {disable: [web], skip: [worker], wait_to_retire: 5}',
    effect: async ({ run }) => {
      const { out } = await run('checks:report shop --format json');
      expect(JSON.parse(out)).toMatchObject({
        'disabled-list': 'web',
        'skipped-list': 'worker',
        'wait-to-retire': '5',
      });
    },
  },
  {
    key: 'checks',
    title: 'of all types',
    yml: 'checks: {disable: true}',
    prepare: ({ run }) => run('checks:skip shop worker'),
    effect: async ({ run }) => {
      expect((await run('checks:report shop --checks-disabled-list')).out).toBe('_all_\n');
    },
    removed: async ({ run }) => {
      expect((await run('checks:report shop --checks-disabled-list')).out).toBe('none\n');
    },
  },
  {
    key: 'restart',
    yml: 'restart: {policy: on-failure:3, stop_timeout: 60}',
    effect: async ({ run }) => {
      expect((await run('ps:report shop --ps-restart-policy')).out).toBe('on-failure:3\n');
      expect((await run('ps:report shop --ps-stop-timeout-seconds')).out).toBe('60\n');
    },
  },
  {
    key: 'restart',
    title: 'as a policy alone',
    yml: 'restart: always',
    effect: async ({ run }) => {
      expect((await run('ps:report shop --ps-restart-policy')).out).toBe('always\n');
    },
  },
  {
    key: 'git',
    yml: 'git: {deploy_branch: main, keep_git_dir: true, rev_env_var: COMMIT}',
    effect: async ({ run }) => {
      const { out } = await run('git:report shop --format json');
      expect(JSON.parse(out)).toMatchObject({
        'deploy-branch': 'main',
        'keep-git-dir': 'true',
        'rev-env-var': 'COMMIT',
      });
    },
    removed: async ({ run }) => {
      const { out } = await run('git:report shop --format json');
      expect(JSON.parse(out)).toMatchObject({
        'deploy-branch': '',
        'keep-git-dir': '',
        'rev-env-var': 'GIT_REV',
      });
    },
  },
  {
    key: 'paths',
    yml: 'paths: {app_json: ./deploy/app.json, procfile: deploy/Procfile}',
    query: { files: { others: { 'deploy/app.json': '{}', 'deploy/Procfile': 'web: node .\n' } } },
    effect: async ({ run }) => {
      expect((await run('app-json:report shop --app-json-appjson-path')).out).toBe('deploy/app.json\n');
      expect((await run('ps:report shop --ps-procfile-path')).out).toBe('deploy/Procfile\n');
    },
  },
];

export const coreBadValues: readonly BadValueRow[] = [
  ...[
    ['https://example.com', 'has a scheme', 'Write the host name only.'],
    ['example.com/shop', 'has a path'],
    ['example.com:8080', 'has a port'],
    ['bücher.example', 'letters outside ASCII', 'xn--bcher-kva.example'],
    ['"*"', 'has a * inside'],
    ['a.*.example.com', 'has a * inside'],
    ['a..example.com', 'is not a host name'],
    ['under_score.example.com', 'is not a host name'],
    ['-dash.example.com', 'is not a host name'],
    ['example.com.', 'is not a host name'],
    [`${'a'.repeat(64)}.example.com`, 'is not a host name'],
    ['$NO_SUCH.example.com', 'the variable NO_SUCH is not set in this job'],
  ].map(([domain, ...message]) => ({
    key: 'domains',
    yml: `domains: [ok.example.com, ${domain}]`,
    message: ['domains.1', ...message],
  })),
  ...[
    'domains: [example.com]\nenvironments: {staging: {}, production: {}}\n',
    'environments: {staging: {domains: [a.org, example.com]}, production: {domains: [example.com]}}\n',
  ].map((yml) => ({
    key: 'domains',
    yml,
    query: { flags: { environment: 'production' } },
    message: ['environments.production.domains', 'example.com is a domain of staging, too'],
  })),
  { key: 'domains', yml: 'domains: example.com', message: ['domains: expected a list'] },
  {
    key: 'domains',
    yml: 'domains: [example.com]',
    query: { command: 'review start' },
    message: ['"example.com" is the same for all branches'],
  },
  { key: 'scale', yml: 'scale: {web: -1}', message: ['scale.web', '"-1" is not a number of processes'] },
  { key: 'scale', yml: 'scale: {web: 1.5}', message: ['scale.web', '"1.5" is not a number'] },
  { key: 'scale', yml: 'scale: {"a b": 1}', message: ['"a b" is not a type of process'] },
  {
    key: 'scale',
    yml: 'scale: {wroker: 1}',
    query: { files: { procfile: 'web: node .\nworker: node worker\nrelease: true\n' } },
    message: ['scale.wroker', 'the Procfile has no such process', 'Did you mean worker?', 'web, worker.'],
  },
  {
    key: 'scale',
    yml: 'scale: {web: 2}',
    query: { files: { appJson: '{"formation": {"web": {"quantity": 1}}}' } },
    message: ['app.json has formation'],
  },
  { key: 'checks', yml: 'checks: {wait_to_retire: abc}', message: ['"abc" is not a number of seconds'] },
  { key: 'checks', yml: 'checks: {wait_to_retire: -1}', message: ['"-1" is not a number of seconds'] },
  { key: 'checks', yml: 'checks: {disable: [web], skip: [web]}', message: ['web is disabled and skipped'] },
  { key: 'checks', yml: 'checks: {disable: true, skip: [web]}', message: ['every type is disabled'] },
  {
    key: 'checks',
    yml: 'checks: {skip: [nosuch]}',
    query: { files: { procfile: 'web: node .\n' } },
    message: ['checks.skip.0', 'the Procfile has no process nosuch'],
  },
  { key: 'checks', yml: 'checks: {waittoretire: 5}', message: ['not a known key', 'wait_to_retire'] },
  { key: 'restart', yml: 'restart: sometimes', message: ['"sometimes" is not a restart policy'] },
  { key: 'restart', yml: 'restart: on-failure:x', message: ['"on-failure:x" is not a restart policy'] },
  { key: 'restart', yml: 'restart: {stop_timeout: abc}', message: ['"abc" is not a number of seconds'] },
  { key: 'git', yml: 'git: {deploy_branch: "main branch"}', message: ['"main branch" is not a branch'] },
  { key: 'git', yml: `git: {deploy_branch: ${'a1'.repeat(20)}}`, message: ['is not a branch'] },
  { key: 'git', yml: 'git: {rev_env_var: 1x}', message: ['"1x" cannot be the variable'] },
  { key: 'git', yml: 'git: {keep_git_dir: maybe}', message: ['git.keep_git_dir: expected true or false'] },
  {
    key: 'paths',
    yml: 'paths: {app_json: deploy/app.json}',
    message: ['paths.app_json', 'deploy/app.json cannot be read: no such file'],
  },
  {
    key: 'scale',
    yml: 'paths: {procfile: ops/Procfile}\nscale: {worker: 1}',
    query: { files: { procfile: 'worker: x\n', others: { 'ops/Procfile': 'web: node .\n' } } },
    message: ['scale.worker', 'the Procfile has no such process', 'It has: web.'],
  },
  {
    key: 'paths',
    yml: 'paths: {app_json: ../app.json}',
    message: ['is not a path below the shipped folder'],
  },
  { key: 'paths', yml: 'paths: {procfile: /etc/Procfile}', message: ['"/etc/Procfile" is not a path'] },
];
