import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/apply/events.ts';
import { DeployError } from '../../src/errors.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { formatOwner } from '../../src/plan/owner.ts';
import { formatReleases, type Release } from '../../src/plan/releases.ts';
import { goBackAfter } from '../../src/run/go-back.ts';
import type { Planner, RunContext } from '../../src/run/run-context.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const notServing = new DeployError('not-serving', { message: 'shop does not serve.' });

/** Ends a deploy that does not serve, with this rollback. */
const goBack = async (rollBack: (run: RunContext, planner: Planner) => Promise<RunResult>) => {
  const warnings: string[] = [];
  const run = {
    context: aContext({ command: 'deploy', environment: 'production', app: 'shop', goesBack: true }),
    reporter: { warn: (_: string, message: string) => warnings.push(message) },
    world: { stop: new AbortController().signal },
  } as unknown as RunContext;
  const error = await goBackAfter(notServing, run, rollBack);
  return { error, warnings };
};

/** A host with releases of these outcomes, the newest first. */
const hostState = (...outcomes: readonly string[]): HostState => {
  const releases = outcomes.map((outcome, index): Release => {
    const id = 'cba'.charAt(index).repeat(40);
    const unknown = { committedAt: undefined, at: undefined, scripts: [], job: undefined, user: undefined };
    return {
      ...unknown,
      number: outcomes.length - index,
      commit: id,
      revision: id,
      outcome,
      origin: { kind: 'deploy' },
    };
  });
  const owner = { app: 'shop', projectId: '42', project: 'group/shop', environment: 'production' };
  const config = {
    DOKKU_DEPLOY_OWNER: formatOwner(owner),
    DOKKU_DEPLOY_RELEASES: formatReleases('shop', releases),
    GIT_REV: 'c'.repeat(40),
  };
  return { app: stateOf('shop', config), revision: 'c'.repeat(40) };
};

const failWith = (code: 'not-serving' | 'build-failed', message: string) => () =>
  Promise.reject(new DeployError(code, { message }));

describe('a rollback after a deploy that does not serve', () => {
  test('is reported with the commit that runs', async () => {
    const commit = 'a'.repeat(40);
    const { error } = await goBack(async () => ({ kind: 'serving', urls: [], shipped: true, commit }));
    expect(error).toMatchObject({
      code: 'not-serving',
      message: 'shop does not serve. It was rolled back to aaaaaaaa, which runs now.',
    });
  });

  test('is reported as done if the previous release runs but does not answer as it must', async () => {
    const { error } = await goBack(failWith('not-serving', 'shop still answers 404.'));
    expect(error).toMatchObject({
      message:
        'shop does not serve. It was rolled back, but the previous release does not answer as probe requires either: shop still answers 404.',
    });
  });

  test('is announced once, however often it is planned', async () => {
    const { warnings } = await goBack(async ({ context }, planner) => {
      planner(context, hostState('not-serving', 'deployed'));
      planner(context, hostState('not-serving', 'deployed'));
      return { kind: 'serving', urls: [], shipped: true };
    });
    expect(warnings).toEqual(['shop does not serve. Rolling back to the previous release (rollback: true)']);
  });

  test.each([
    ['there is no previous release', ['not-serving']],
    ['the job has deployed nothing', ['deployed', 'deployed']],
  ])('is not announced if %s', async (_, outcomes) => {
    const { error, warnings } = await goBack(async ({ context }, planner) => {
      planner(context, hostState(...outcomes));
      throw new Error('not reached');
    });
    expect(warnings).toEqual([]);
    expect(error).toMatchObject({ message: expect.stringContaining(' It was not rolled back: ') });
  });

  test('is reported as not done if it fails earlier', async () => {
    const { error } = await goBack(failWith('build-failed', 'The build failed.'));
    expect(error).toMatchObject({
      message: 'shop does not serve. It was not rolled back: The build failed.',
    });
  });
});
