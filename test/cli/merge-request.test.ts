import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aGitLab, type TestGitLab, token } from '../support/gitlab.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { type ProgramResult, runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let gitlab: TestGitLab;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql'] });
});

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
});

beforeEach(async () => {
  gitlab = await aGitLab();
  repository = aRepository('fix');
  repository.commit({ 'index.html': 'hello' }, 'Say hello');
  return async () => {
    repository[Symbol.dispose]();
    await gitlab[Symbol.asyncDispose]();
  };
});

type Env = Record<string, string>;

/** A job in a branch pipeline. The API of this GitLab is below a path. */
const job = (more: Env = {}): Env => ({
  ...sandbox.env,
  GITLAB_CI: 'true',
  CI_API_V4_URL: `${gitlab.url}/api/v4`,
  CI_COMMIT_REF_NAME: 'fix',
  CI_COMMIT_REF_SLUG: 'fix',
  CI_ENVIRONMENT_NAME: 'review/fix',
  CI_PROJECT_ID: String(gitlab.project),
  CI_PROJECT_PATH: 'group/shop',
  CI_JOB_URL: 'https://gitlab.example.com/group/shop/-/jobs/7',
  ...more,
});

const withToken = (more: Env = {}): Env => job({ GITLAB_TOKEN: token, ...more });

const run = async (env: Env, ...argv: string[]): Promise<ProgramResult> => {
  const ran = await runProgram({ argv, cwd: repository.folder, env });
  expect(`${ran.stdout}${ran.stderr}`).not.toContain(token);
  return ran;
};

const bodies = (): string[] => gitlab.mergeRequests.flatMap(({ notes }) => notes.map(({ body }) => body));

test('a merge request has a single note for the whole life of a review app', async () => {
  gitlab.open();
  writeFileSync(join(repository.folder, '.dokku-deploy.yml'), 'services: [mysql]\n');
  const first = await run(withToken(), 'review', 'start');
  const [up = ''] = bodies();
  expect([first.exit, first.stderr.includes('Warning'), bodies().length]).toEqual([0, false, 1]);
  expect(up).toMatch(/^<!-- dokku-deploy app=fix -->\n/);
  for (const part of [
    `http://fix.localhost:${sandbox.webPort}`,
    'Say hello',
    '`mysql:fix-database`',
    '| done |',
  ]) {
    expect(up).toContain(part);
  }

  sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 1, stderr: ' !     out of order\n' });
  const failed = await run(withToken(), 'review', 'start');
  expect([failed.exit, bodies().length]).toEqual([4, 1]);
  expect(bodies()[0]).toContain('The review app of fix was not deployed');
  expect(bodies()[0]).toContain('out of order');

  const request = gitlab.mergeRequests[0];
  if (request) request.state = 'merged';
  const stopped = await run(withToken(), 'review', 'stop');
  expect([stopped.exit, bodies().length]).toEqual([0, 1]);
  expect(bodies()[0]).toContain('### The review app of fix was removed');
  expect(bodies()[0]).toContain('`mysql:fix-database`');
});

describe('without a token', () => {
  const hint = 'Note: set GITLAB_TOKEN';

  test('a job with a merge request prints a hint once and succeeds', async () => {
    const ran = await run(job({ CI_OPEN_MERGE_REQUESTS: 'group/shop!1' }), 'review', 'start');
    expect([ran.exit, ran.stderr.split(hint).length - 1]).toEqual([0, 1]);
    expect(gitlab.received).toEqual([]);
  });

  test('review stop prints no hint', async () => {
    const ran = await run(job({ CI_OPEN_MERGE_REQUESTS: 'group/shop!1' }), 'review', 'stop');
    expect([ran.exit, ran.stderr.includes('GITLAB_TOKEN')]).toEqual([0, false]);
  });

  test.each<[string, Env]>([
    ['without a merge request', {}],
    ['outside of GitLab', { GITLAB_CI: '', CI_OPEN_MERGE_REQUESTS: 'group/shop!1' }],
  ])('a job %s prints no hint', async (_, more) => {
    const ran = await run(job(more), 'review', 'start');
    expect([ran.exit, ran.stderr.includes('GITLAB_TOKEN')]).toEqual([0, false]);
  });

  test('a laptop with a token writes no note', async () => {
    const ran = await run({ ...sandbox.env, GITLAB_TOKEN: token }, 'review', 'start', '--app', 'laptop');
    expect([ran.exit, gitlab.received]).toEqual([0, []]);
  });
});

describe('a note that cannot be written', () => {
  test('because of missing permissions is a warning that names the required scope and role', async () => {
    gitlab.open();
    gitlab.tokens.set(token, { id: 7, username: 'robot', may: 'read' });
    const ran = await run(withToken(), 'review', 'start');
    expect(ran.exit).toBe(0);
    expect(ran.stderr).toContain(
      'Warning: the merge request note: it was not delivered: GITLAB_TOKEN has no permission',
    );
    expect(ran.stderr).toContain('it lacks the scope api');
    expect((await run(withToken(), 'review', 'start', '--strict')).exit).toBe(1);
  });

  test('because GitLab is busy is retried once', async () => {
    gitlab.open();
    let refused = 0;
    gitlab.override = ({ method }) => {
      if (method !== 'POST' || refused > 0) return undefined;
      refused += 1;
      return { status: 500 };
    };
    const ran = await run(withToken(), 'review', 'start');
    expect([ran.exit, ran.stderr.includes('Warning'), bodies().length]).toEqual([0, false, 1]);
  });

  test.each<[string, Env, number]>([
    ['gets the note from its own pipeline', { CI_MERGE_REQUEST_IID: '1' }, 1],
    ['gets no note from a branch pipeline', {}, 0],
  ])('does not matter if the merge request is closed: it %s', async (_, more, count) => {
    gitlab.open({ state: 'closed' });
    const ran = await run(withToken(more), 'review', 'start');
    expect([ran.exit, ran.stderr.includes('Warning'), bodies().length]).toEqual([0, false, count]);
  });
});

test('a dry run reports that a note would be written, and sends nothing to GitLab', async () => {
  const ran = await run(withToken({ CI_MERGE_REQUEST_IID: '1' }), 'review', 'start', '--dry-run');
  expect(ran.stdout).toContain('at the end: the merge request note');
  expect(gitlab.received).toEqual([]);
});

test('the note first says that the commit is being built, with a link to the log', async () => {
  gitlab.open();
  const written: string[] = [];
  gitlab.override = ({ method, body }) => {
    if (method !== 'GET') written.push(JSON.parse(body).body);
    return undefined;
  };
  expect((await run(withToken({ CI_JOB_ID: '7' }), 'review', 'start')).exit).toBe(0);
  expect(written[0]).toMatch(/### :hourglass: Building `[0-9a-f]{8}`/);
  expect(written[0]).toContain('https://gitlab.example.com/group/shop/-/jobs/7');
  expect(bodies()).toHaveLength(1);
  expect(bodies()[0]).toContain('Review app:');
});

test('an older job that ends later leaves the note of the newer one as it is', async () => {
  gitlab.open();
  await run(withToken({ CI_JOB_ID: '20' }), 'review', 'start');
  const [newer] = bodies();
  const { exit, stderr } = await run(withToken({ CI_JOB_ID: '10' }), 'review', 'start');
  expect([exit, bodies(), stderr.includes('Warning')]).toEqual([0, [newer], false]);
});

test('a removal that was stopped leaves the note as it is: the app may still be there', async () => {
  gitlab.open();
  await run(withToken(), 'review', 'start');
  const [up = ''] = bodies();
  const stop = AbortSignal.abort('SIGTERM');
  const { exit } = await runProgram({
    argv: ['review', 'stop'],
    cwd: repository.folder,
    env: withToken(),
    stop,
  });
  expect([exit, bodies()]).toEqual([143, [up]]);
});
