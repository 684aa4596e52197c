import { expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { checkSavedPlan, formatSavedPlan, parseSavedPlan, savePlan } from '../../src/plan/saved-plan.ts';
import { stateOf } from '../support/app-state.ts';
import { aContext } from '../support/context.ts';

const context = aContext({
  command: 'deploy',
  target: 'environment',
  app: 'shop',
  environment: 'production',
});
const owned = { DOKKU_DEPLOY_OWNER: 'x', A: '1', B: '2' };

const observe = (more: Partial<HostState> = {}, config: Readonly<Record<string, string>> = owned) => {
  const hostState: HostState = {
    app: stateOf('shop', config),
    services: new Map(),
    deployBranch: 'main',
    ...more,
  };
  return { plan: planDeploy({ ...context, takeOver: true }, hostState), hostState, host: 'dokku@host:22' };
};

const isRefused = (now: ReturnType<typeof observe>): boolean => {
  const saved = parseSavedPlan(formatSavedPlan(savePlan(observe())));
  if (!saved) throw new Error('the plan was not read again');
  try {
    checkSavedPlan(saved, now);
    return false;
  } catch (error) {
    if (error instanceof DeployError && error.code === 'plan-outdated') return true;
    throw error;
  }
};

test('a plan is the saved one while nothing that was observed has changed, in whatever order it was read', () => {
  expect(isRefused(observe())).toBe(false);
  expect(isRefused(observe({}, { B: '2', A: '1', DOKKU_DEPLOY_OWNER: 'x' }))).toBe(false);
});

test.each<[string, Partial<HostState>, Readonly<Record<string, string>>]>([
  ['a value', {}, { ...owned, A: '2' }],
  ['a key', {}, { ...owned, C: '3' }],
  ['two values that were swapped', {}, { ...owned, A: '2', B: '1' }],
  ['the deploy branch', { deployBranch: 'master' }, owned],
  ['the domains', { domains: ['shop.example.com'] }, owned],
  ['a running build', { isBuilding: true }, owned],
  ['what runs', { revision: 'a'.repeat(40) }, owned],
  ['the state of a service', { services: new Map([['mysql:shop', 'stopped']]) }, owned],
])('it is another one after a change of %s', (_, more, config) => {
  expect(isRefused(observe(more, config))).toBe(true);
});

test('it is another one on another host', () => {
  expect(isRefused({ ...observe(), host: 'dokku@other:22' })).toBe(true);
});

test('two saved forms of one plan have nothing in common that a secret could be guessed from', () => {
  expect(savePlan(observe()).digest).not.toBe(savePlan(observe()).digest);
  expect(formatSavedPlan(savePlan(observe({}, { ...owned, PASSWORD: 'hunter22' })))).not.toContain(
    'hunter22',
  );
});

test.each(['', 'null', '[]', '{"kind":"dokku-deploy plan","version":2}', '{'])(
  '%j is no saved plan',
  (text) => {
    expect(parseSavedPlan(text)).toBeUndefined();
  },
);
