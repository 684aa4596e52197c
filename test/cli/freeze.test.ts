import { describe, expect, test } from 'vitest';
import { aFreshProject } from '../support/fresh-project.ts';
import { runProgram } from '../support/world.ts';

const project = aFreshProject({ 'index.html': 'hello' });

/** Runs a job that GitLab has created during a deploy freeze. */
const run = (argv: readonly string[], freeze = 'true') =>
  runProgram({
    argv,
    cwd: project.repository.folder,
    env: {
      ...project.sandbox.env,
      CI_COMMIT_REF_NAME: 'main',
      CI_COMMIT_REF_SLUG: 'main',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
      CI_PROJECT_NAME: 'shop',
      CI_DEPLOY_FREEZE: freeze,
    },
  });

describe('a deploy freeze', () => {
  test.each([[['deploy', 'production']], [['promote', 'staging', 'production']]])(
    'refuses %j with its reason, and the host is not contacted',
    async (argv) => {
      const before = project.sandbox.journal.commands.length;
      const { exit, stderr } = await run(argv);
      expect([exit, project.sandbox.journal.commands.length]).toEqual([6, before]);
      expect(stderr).toContain('Nothing was deployed to production: the project is in a deploy freeze');
      expect(stderr).toContain('--during-freeze');
    },
  );

  test('does not hold back a deploy with --during-freeze, a dry run, or a review app', async () => {
    const exits = [
      (await run(['deploy', 'production', '--dry-run'])).exit,
      (await run(['deploy', 'production', '--during-freeze'])).exit,
      (await run(['review', 'start', '--allow-default-branch', '--app', 'review-main'])).exit,
    ];
    expect(exits).toEqual([0, 0, 0]);
  });

  test('is over when the variable is empty or false', async () => {
    for (const freeze of ['', 'false']) expect((await run(['deploy', 'staging'], freeze)).exit).toBe(0);
  });
});
