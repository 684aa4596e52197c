import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { emptyHostState } from '../../src/plan/host-state.ts';
import type { ConfigureStep } from '../../src/plan/plan.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { planReviewStop } from '../../src/plan/review-stop.ts';
import { stateOf } from '../support/app-state.ts';
import { contextOf, type JobFiles } from '../support/job-context.ts';

describe('a merge request from a fork, whose pipeline runs in the target project', () => {
  const own = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_PROJECT_ID: '42' };
  const fromFork = {
    ...own,
    CI_MERGE_REQUEST_PROJECT_PATH: 'group/shop',
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'someone/shop',
  };
  const both = (files?: JobFiles) =>
    Promise.all([own, fromFork].map((env) => contextOf({ env, ...(files && { files }) })));

  test('is not the project’s own branch of that name, and has its own app', async () => {
    expect((await both()).map(({ ref, app }) => [ref, app])).toEqual([
      ['fix', 'fix'],
      ['someone/shop:fix', 'someone-shop-fix'],
    ]);
  });

  test('has its own names if the file makes them from the branch', async () => {
    const yml =
      'review: {name: "shop-$CI_COMMIT_REF_SLUG"}\nservices: [{type: redis, name: "$CI_COMMIT_REF_SLUG-cache"}]';
    expect((await both({ yml })).map(({ app, services }) => [app, services[0]?.name])).toEqual([
      ['shop-fix', 'fix-cache'],
      ['shop-someone-shop-fix', 'someone-shop-fix-cache'],
    ]);
  });

  test('neither takes over nor removes the project’s own app', async () => {
    const [start, fork] = await both();
    const plan = planReviewStart(start as Context, emptyHostState(start as Context));
    const made = plan.steps.find((step): step is ConfigureStep => step.kind === 'configure')?.command.stdin;
    const app = stateOf('fix', made as Record<string, string>);
    const foreign = { ...(fork as Context), app: 'fix' };
    expect(() => planReviewStart(foreign, { ...emptyHostState(foreign), app })).toThrow(
      'is the review app of fix in',
    );
    expect(() => planReviewStop(foreign, { app })).toThrow('is the review app of fix in');
  });

  test('from the project itself has the branch’s own name', async () => {
    const env = { ...fromFork, CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'group/shop' };
    expect(await contextOf({ env })).toMatchObject({ ref: 'fix', app: 'fix' });
  });
});

describe('a review app of the default branch', () => {
  const env = { CI_COMMIT_REF_NAME: 'main', CI_COMMIT_REF_SLUG: 'main', CI_DEFAULT_BRANCH: 'main' };
  const fork = {
    ...env,
    CI_MERGE_REQUEST_PROJECT_PATH: 'group/shop',
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'someone/shop',
  };

  test('is refused', async () => {
    await expect(contextOf({ env })).rejects.toMatchObject({
      code: 'configuration',
      message: 'CI_COMMIT_REF_NAME: "main" is the project’s default branch, which gets no review app',
      remedy: expect.stringContaining('--allow-default-branch'),
    });
  });

  test('is allowed with --allow-default-branch, and can always be removed', async () => {
    expect((await contextOf({ env, flags: { allowDefaultBranch: true } })).app).toBe('main');
    expect((await contextOf({ env, command: 'review stop' })).app).toBe('main');
  });

  test('is not that of a fork’s branch or of a tag with the same name', async () => {
    expect((await contextOf({ env: fork })).app).toBe('someone-shop-main');
    expect((await contextOf({ env: { ...env, CI_COMMIT_TAG: 'main' } })).app).toBe('main');
  });
});
