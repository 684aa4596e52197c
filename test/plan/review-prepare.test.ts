import { describe, expect, test } from 'vitest';
import { emptyHostState } from '../../src/plan/host-state.ts';
import { planReviewPrepare } from '../../src/plan/review-prepare.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import { aContext, database, makeVault } from '../support/context.ts';

const context = aContext({
  command: 'review prepare',
  services: [database()],
  config: ['STAGE'],
  vault: makeVault({ STAGE: 'review' }),
});
const idsOf = ({ steps }: { readonly steps: readonly { readonly id: string }[] }) =>
  steps.map(({ id }) => id);

describe('the plan of review prepare', () => {
  test('is that of review start without the deploy, and what follows it', () => {
    const hostState = emptyHostState(context);
    const all = idsOf(planReviewStart(context, hostState));
    const prepared = idsOf(planReviewPrepare(context, hostState));
    expect(prepared).toEqual(all.slice(0, all.indexOf('deploy')));
    expect(prepared).toContain('link-mysql-my-branch-database');
  });

  test.each([{ revision: 'abc' }, { isBuilding: true }])('has no steps for an app with %j', (state) => {
    const plan = planReviewPrepare(context, { ...emptyHostState(context), ...state });
    expect([plan.steps, plan.notes]).toEqual([[], ['my-branch is deployed: review start updates it']]);
  });
});
