import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { aFolder } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let folder: string;

beforeEach(() => {
  const created = aFolder();
  folder = created.folder;
  return () => created[Symbol.dispose]();
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const run = (words: string, env: Readonly<Record<string, string>> = {}) =>
  runProgram({ argv: words.split(' '), cwd: folder, env });

describe('dokku-deploy validate', () => {
  test('shows each problem with its line and a caret, and exits with 2', async () => {
    write('.dokku-deploy.yml', 'services: [postgres]\n\thost: x\n');
    write('Procfile', 'web: npm start\n  work: \n');
    expect(await run('validate')).toEqual({
      exit: 2,
      stderr: '',
      stdout: [
        '.dokku-deploy.yml:2:1: error: not valid YAML: Tabs are not allowed as indentation',
        '  2 | \thost: x',
        '    | ^',
        '  Fix the line; an editor with YAML support marks it.',
        '',
        'Procfile:2:3: error: not a process: Dokku would refuse the whole file',
        '  2 |   work:',
        '    |   ^',
        '  Write a name and its command: web: npm start',
        '',
        '.dokku-deploy.yml, Procfile: 2 problems, no warnings. Checked for review apps, production.',
        '',
      ].join('\n'),
    });
  });

  test('exits with 0 without a problem, and names what it assumed', async () => {
    write('.dokku-deploy.yml', 'env: {A: $TOKEN}\nenvironments: {staging: {}}\n');
    const { exit, stdout } = await run('validate');
    expect([exit, stdout]).toEqual([
      0,
      '.dokku-deploy.yml: no problems, no warnings. Checked for review apps, staging.\nAssumed to be set in the jobs that use them, and not checked: $TOKEN.\n',
    ]);
  });

  test('prints JSON', async () => {
    write('other.yml', 'ap: x\n');
    const { exit, stdout } = await run('validate --config other.yml --format json');
    expect([exit, JSON.parse(stdout)]).toEqual([
      2,
      {
        version: 1,
        valid: false,
        findings: [
          {
            severity: 'error',
            path: 'other.yml',
            line: 1,
            column: 1,
            message: 'ap is not a known key',
            remedy: 'Did you mean app?',
          },
        ],
        files: ['other.yml'],
        checkedFor: ['review apps', 'production'],
        assumed: [],
      },
    ]);
  });

  test('writes GitLab’s code quality report, again and again, but not over another file', async () => {
    write('.dokku-deploy.yml', 'ap: x\n');
    for (const _ of [1, 2]) expect((await run('validate --report codequality=quality.json')).exit).toBe(2);
    expect(JSON.parse(readFileSync(join(folder, 'quality.json'), 'utf8'))).toEqual([
      {
        description: 'ap is not a known key. Did you mean app?',
        check_name: 'dokku-deploy',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'major',
        location: { path: '.dokku-deploy.yml', lines: { begin: 1 } },
      },
    ]);
    write('quality.json', '[{"check_name": "eslint"}]');
    const { exit, stderr } = await run('validate --report codequality=quality.json');
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--report: quality.json was not written')]);
    expect(readFileSync(join(folder, 'quality.json'), 'utf8')).toContain('eslint');
  });

  test.each([
    ['validate --config missing.yml', 'missing.yml: error: no such file'],
    ['validate --report junit=x', '--report: "junit=x" is not a report.'],
    ['validate --format xml', 'Allowed choices are text, json'],
    ['validate production', 'too many arguments'],
  ])('%s is refused', async (words, message) => {
    const { exit, stdout, stderr } = await run(words);
    expect([exit, stdout + stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('prints no secret of the job, not even where a line of a file has it', async () => {
    write('.dokku-deploy.yml', 'app: s3cret-of-the-job.$TOKEN "\n');
    const { stdout } = await run('validate', { TOKEN: 's3cret-of-the-job' });
    expect(stdout).toContain('[TOKEN]');
    expect(stdout).not.toContain('s3cret-of-the-job');
  });
});
