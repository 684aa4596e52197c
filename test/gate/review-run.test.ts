import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { aGate, type RunningGate, waitFor } from '../support/running-gate.ts';
import { runProgram } from '../support/world.ts';

let gate: RunningGate;
let repository: TestRepository;

const withoutRule = '\n  - {path: group/shop, id: 42, review: {any_ref: true}}';
const withRule = withoutRule.replace('review:', 'inside: [review], review:');

beforeAll(async () => {
  gate = await aGate(withRule, { services: [] });
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
  const { exit, stderr } = await review(['start']);
  if (exit !== 0) throw new Error(stderr);
}, 60_000);

afterAll(async () => {
  repository[Symbol.dispose]();
  await gate[Symbol.asyncDispose]();
});

/** Runs a job of the branch `my-branch` with a token of its own. */
const review = async (words: readonly string[], stop?: AbortSignal) =>
  runProgram({
    argv: ['review', ...words],
    cwd: repository.folder,
    ...(stop ? { stop } : {}),
    env: {
      ...gate.jobEnv(await gate.gitlab.sign()),
      CI_COMMIT_REF_NAME: 'my-branch',
      CI_COMMIT_REF_SLUG: 'my-branch',
      CI_PROJECT_ID: '42',
      CI_PROJECT_PATH: 'group/shop',
    },
  });

const runs = () => gate.sandbox.state.apps.get('my-branch')?.runs.size;

describe('review run behind a gate', () => {
  test('runs a command in the review app, and its exit code and output come through', async () => {
    const { exit, stdout } = await review(['run', '--', 'cat index.html; echo; exit 7']);
    expect([exit, stdout]).toEqual([7, 'hello\n']);
    const entry = await gate.audited(({ command }) => command?.[0] === 'run');
    expect(entry).toMatchObject({ app: 'my-branch', exit: 7 });
    expect(entry.command?.at(-1)).toBe('[script]');
  });

  test('stops its container when the job is cancelled', async () => {
    const stop = new AbortController();
    const running = review(['run', '--', 'sleep 1000'], stop.signal);
    await waitFor(() => runs() === 1);
    stop.abort('SIGTERM');
    expect((await running).exit).toBe(143);
    await waitFor(() => runs() === 0);
  });

  test('is refused without inside: [review] in the policy, and the error says so', async () => {
    gate.reload(withoutRule);
    await gate.audited(({ event }) => event === 'reloaded');
    const { exit, stderr } = await review(['run', '--', 'true']);
    expect([exit, stderr]).toEqual([4, expect.stringContaining('with inside: [review] in the policy')]);
    expect(stderr).toContain('Ask the operator of the gate');
  });
});
