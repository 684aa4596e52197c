import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFreshProject } from '../support/fresh-project.ts';
import { runProgram } from '../support/world.ts';

const project = aFreshProject({
  '.dokku-deploy.yml': 'env: {API_TOKEN: $API_TOKEN}\n',
  'index.html': 'hello',
});

const secret = 'a-t0ken-0f-the-api';

const run = (app: string, argv: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runProgram({
    argv: ['deploy', 'production', '--app', app, ...argv],
    cwd: project.repository.folder,
    env: {
      ...project.sandbox.env,
      GITLAB_CI: 'true',
      CI_COMMIT_REF_NAME: 'main',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      API_TOKEN: secret,
      ...more,
    },
  });

const save = (app: string, more: Readonly<Record<string, string>> = {}) =>
  run(app, ['--dry-run', '--plan-out', 'plan.json'], more);
const applySaved = (app: string, more: Readonly<Record<string, string>> = {}) =>
  run(app, ['--plan', 'plan.json', '--dotenv', 'none', '--facts', 'none'], more);

/** The commands that changed something. */
const writes = (from: number): string[] =>
  project.sandbox.journal.commands
    .slice(from)
    .map(({ line }) => line)
    .filter((line) => /apps:create|config:(import|set|unset)|git-receive-pack/.test(line));

describe('a saved plan', () => {
  test('is applied by a later job of another user, and holds no secret', async () => {
    expect((await save('saved')).exit).toBe(0);
    const text = readFileSync(join(project.repository.folder, 'plan.json'), 'utf8');
    expect(text).toContain('"Create the app saved"');
    for (const form of [secret, Buffer.from(secret).toString('base64')]) expect(text).not.toContain(form);
    const job = { CI_JOB_URL: 'https://gitlab.example.com/-/jobs/8', GITLAB_USER_NAME: 'Zoé' };
    expect((await applySaved('saved', job)).exit).toBe(0);
  });

  test('is refused after it was applied, and nothing is changed', async () => {
    await save('twice');
    expect((await applySaved('twice')).exit).toBe(0);
    const before = project.sandbox.journal.commands.length;
    const { exit, stderr } = await applySaved('twice');
    expect([exit, writes(before)]).toEqual([4, []]);
    expect(stderr).toContain('- Create the app twice: apps:create twice');
    expect(stderr).toContain('#plan-outdated');
  });

  test('is refused when someone has changed a value on the host that the plan does not touch', async () => {
    expect((await run('edited', [])).exit).toBe(0);
    project.repository.commit({ 'index.html': 'hello again' });
    await save('edited');
    const app = project.sandbox.state.apps.get('edited');
    if (app) app.envFile += "export FLAG='on'\n";
    const before = project.sandbox.journal.commands.length;
    expect([(await applySaved('edited')).exit, writes(before)]).toEqual([4, []]);
  });

  test('is refused for another commit, another app, and a file that is no plan', async () => {
    await save('other');
    expect((await applySaved('another')).exit).toBe(4);
    project.repository.commit({ 'index.html': 'changed' });
    expect((await applySaved('other')).exit).toBe(4);
    writeFileSync(join(project.repository.folder, 'plan.json'), '{"steps": []}');
    const { exit, stderr } = await applySaved('other');
    expect([exit, stderr]).toEqual([2, expect.stringContaining('plan.json is not a plan')]);
  });

  test('is not written over another file, nor without a host', async () => {
    writeFileSync(join(project.repository.folder, 'plan.json'), '{}');
    expect((await save('kept')).exit).toBe(2);
    expect(readFileSync(join(project.repository.folder, 'plan.json'), 'utf8')).toBe('{}');
    expect((await run('kept', ['--dry-run', '--offline', '--plan-out', 'new.json'])).exit).toBe(2);
    expect(existsSync(join(project.repository.folder, 'new.json'))).toBe(false);
  });
});
