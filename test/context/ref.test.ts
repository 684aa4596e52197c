import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import { emptyHostState, readAppState } from '../../src/plan/host-state.ts';
import type { ConfigureStep } from '../../src/plan/plan.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { planReviewStop } from '../../src/plan/review-stop.ts';
import { contextOf, type JobFiles } from '../support/job-context.ts';

describe('a merge request of a fork, run in the project by a member', () => {
  const own = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_PROJECT_ID: '42' };
  const fromFork = {
    ...own,
    CI_MERGE_REQUEST_PROJECT_PATH: 'group/shop',
    CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'someone/shop',
  };
  const both = (files?: JobFiles) =>
    Promise.all([own, fromFork].map((env) => contextOf({ env, ...(files && { files }) })));

  test('is another branch than the project’s own of that name, with an app of its own', async () => {
    expect((await both()).map(({ ref, app }) => [ref, app])).toEqual([
      ['fix', 'fix'],
      ['someone/shop:fix', 'someone-shop-fix'],
    ]);
  });

  test('has names of its own where the file makes them of the branch', async () => {
    const yml =
      'review: {name: "shop-$CI_COMMIT_REF_SLUG"}\nservices: [{type: redis, name: "$CI_COMMIT_REF_SLUG-cache"}]';
    expect((await both({ yml })).map(({ app, services }) => [app, services[0]?.name])).toEqual([
      ['shop-fix', 'fix-cache'],
      ['shop-someone-shop-fix', 'someone-shop-fix-cache'],
    ]);
  });

  test('neither takes over nor removes the project’s own app, whatever its name', async () => {
    const [start, fork] = await both();
    const plan = planReviewStart(start as Context, emptyHostState(start as Context));
    const made = plan.steps.find((step): step is ConfigureStep => step.kind === 'configure')?.command.stdin;
    const app = readAppState(made as Record<string, string>);
    const foreign = { ...(fork as Context), app: 'fix' };
    expect(() => planReviewStart(foreign, { ...emptyHostState(foreign), app })).toThrow(
      'is the review app of fix in',
    );
    expect(() => planReviewStop(foreign, { app })).toThrow('is the review app of fix in');
  });

  test('of the project itself is its own branch', async () => {
    const env = { ...fromFork, CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'group/shop' };
    expect(await contextOf({ env })).toMatchObject({ ref: 'fix', app: 'fix' });
  });
});
