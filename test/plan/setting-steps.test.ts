import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context/context.ts';
import type { Answer } from '../../src/dokku/command.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import { findDrift } from '../../src/plan/drift.ts';
import type { HostState } from '../../src/plan/host-state.ts';
import { settingsKey } from '../../src/plan/keys.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { hashPart } from '../../src/settings/digest.ts';
import { formatSettingsMark, parseSettingsMark } from '../../src/settings/mark.ts';
import { stateOf } from '../support/app-state.ts';
import { contextOf } from '../support/job-context.ts';

const answered = (value: unknown): Answer => ({
  kind: 'answered',
  stdout: typeof value === 'string' ? value : JSON.stringify(value),
  stderr: '',
});

const domainsAnswer = answered({
  'app-enabled': 'true',
  'app-vhosts': 'old.example.com',
  'global-vhosts': 'h.test',
});

/** What the host answers about an app that was deployed, with one web process and one domain. */
const answers = new Map<string, Answer>([
  ['domains.app.0', domainsAnswer],
  ['domains.guard.0', answered('blog\nshop\n')],
  ['domains.guard.1', answered('{"app-vhosts":"blog.test"}\n{"app-vhosts":"old.example.com"}\n')],
  ['scale.app.0', answered('web: 2\nworker: 0\n')],
  ['scale.app.1', answered('true')],
  ['restart.app.0', answered('')],
  ['restart.app.1', answered('')],
]);

const owner = 'format=v2&project=group%2Fshop&environment=production&app=shop';

const stateWith = (mark?: string, more: Partial<HostState> = {}): HostState => ({
  app: stateOf('shop', {
    DOKKU_DEPLOY_OWNER: owner,
    GIT_REV: 'a'.repeat(40),
    ...(mark === undefined ? {} : { [settingsKey]: mark }),
  }),
  deployBranch: 'master',
  revision: 'a'.repeat(40),
  isBuilding: false,
  settingAnswers: answers,
  ...more,
});

const yml = 'domains: [new.example.com]\nscale: {web: 1, worker: 2}\nrestart: always\n';

const contextFor = async (text = yml, more: Partial<Context> = {}): Promise<Context> => {
  const flags = { app: 'shop', environment: 'production' };
  const context = await contextOf({ command: 'deploy', flags, files: { yml: text } });
  return { ...context, looksForDrift: false, ...more };
};

const idsOf = ({ steps }: Plan): string[] => steps.map(({ id }) => id);
const markIn = (plan: Plan, id: string): string | undefined => {
  const step = plan.steps.find((one) => one.id === id);
  const command = step && 'command' in step ? step.command : undefined;
  const value = command?.stdin?.[settingsKey];
  return typeof value === 'string' ? value : undefined;
};

describe('the steps of settings', () => {
  test('stand around the deploy: what it needs, what must find it serving, what takes away', async () => {
    const plan = planDeploy(await contextFor(), stateWith());
    expect(idsOf(plan)).toEqual([
      'configure',
      'set-scale',
      'set-ps-restart-policy',
      'deploy',
      'record',
      'set-domains',
      'check',
      'set-scale-down',
      'mark-settings',
    ]);
  });

  test('of one app never run at the same time', async () => {
    const { steps } = planDeploy(await contextFor(), stateWith());
    const needs = new Map(steps.map((step) => [step.id, step.needs]));
    const waitsFor = (id: string, other: string): boolean =>
      (needs.get(id) ?? []).some((need) => need === other || waitsFor(need, other));
    const writing = steps.filter(({ kind }) => kind === 'setting' || kind === 'mark-settings');
    for (const [index, step] of writing.entries())
      for (const earlier of writing.slice(0, index)) expect(waitsFor(step.id, earlier.id)).toBe(true);
  });

  test('are looked at by the last change of each key', async () => {
    const { steps } = planDeploy(await contextFor(), stateWith());
    const verifying = steps.filter((step) => step.kind === 'setting' && step.verified !== undefined);
    expect(verifying.map(({ id }) => id)).toEqual(['set-ps-restart-policy', 'set-domains', 'set-scale-down']);
  });

  test('are recorded as open before, and with their digests after', async () => {
    const context = await contextFor();
    const plan = planDeploy(context, stateWith());
    const before = parseSettingsMark(markIn(plan, 'configure') ?? '');
    expect([...before].map(([key, { digest }]) => [key, digest])).toEqual([
      ['domains', ''],
      ['restart', 'deploy'],
      ['scale', 'deploy'],
    ]);
    const after = parseSettingsMark(markIn(plan, 'mark-settings') ?? '');
    for (const { key, digest } of context.settings) expect(after.get(key)?.digest).toBe(digest);
  });

  test('have an unchanged commit built again only if a change needs it', async () => {
    const rebuilds = (plan: Plan) => plan.steps.find((step) => step.kind === 'ship')?.rebuild;
    expect(rebuilds(planDeploy(await contextFor(), stateWith()))).toBe(true);
    const domains = await contextFor('domains: [new.example.com]');
    expect(rebuilds(planDeploy(domains, stateWith()))).toBe(false);
  });

  test('of a run that was killed before its deploy have it built again', async () => {
    const context = await contextFor('restart: always');
    const state = stateWith(`restart=deploy.${hashPart('shop', 'restart', 'policy')}`, {
      settingAnswers: new Map([...answers, ['restart.app.0', answered('always')]]),
    });
    const plan = planDeploy(context, state);
    expect(idsOf(plan)).toEqual(['deploy', 'record', 'check', 'mark-settings']);
    expect(plan.steps.find((step) => step.kind === 'ship')?.rebuild).toBe(true);
  });

  test('are none for what the mark records, and drift is reported and kept', async () => {
    const context = await contextFor();
    const mark = formatSettingsMark(new Map(context.settings.map((one) => [one.key, one])));
    const plan = planDeploy(context, stateWith(mark));
    expect(idsOf(plan)).toEqual(['deploy', 'record', 'check']);
    expect(plan.notes).toContainEqual(
      expect.stringContaining('domains was changed on the host: it is old.example.com'),
    );
    const repairing = planDeploy({ ...context, drift: 'repair' }, stateWith(mark));
    expect(idsOf(repairing)).toContain('set-domains');
  });

  test('keep what a later version has recorded', async () => {
    const mark = 'later=0123456789abcdef';
    const plan = planDeploy(await contextFor('domains: [new.example.com]'), stateWith(mark));
    expect(markIn(plan, 'configure')).toBe('domains=&later=0123456789abcdef');
  });

  test('that would take a domain of another app are refused by its name', async () => {
    const context = await contextFor('domains: [Blog.test]');
    expect(() => planDeploy(context, stateWith())).toThrow('The app blog has the domain blog.test');
  });
});

describe('the drift of an app', () => {
  test('names what was changed on the host, and what is not applied yet', async () => {
    const context = await contextFor('domains: [new.example.com]\nrestart: always\n');
    const [domains] = context.settings;
    const mark = domains ? formatSettingsMark(new Map([['domains', domains]])) : '';
    expect(findDrift(context, stateWith(mark))).toEqual([
      {
        key: 'domains',
        title: 'Set the domains of shop',
        before: 'old.example.com',
        after: 'new.example.com',
        wasApplied: true,
      },
      {
        key: 'restart',
        title: 'Set the restart policy of shop',
        before: 'default',
        after: 'always',
        wasApplied: false,
      },
    ]);
  });

  test('of an app of another project, or of none, is an error', async () => {
    const context = await contextFor();
    const app = stateOf('shop', { DOKKU_DEPLOY_OWNER: owner.replace('group%2Fshop', 'other%2Fshop') });
    expect(() => findDrift(context, stateWith(undefined, { app }))).toThrow('belongs to');
    expect(() => findDrift(context, stateWith(undefined, { app: 'absent' }))).toThrow('There is no app');
  });
});

test('ports that are only written again are no drift', async () => {
  const disabled = { 'app-enabled': 'false', 'app-vhosts': '', 'global-vhosts': 'h.test' };
  const settingAnswers = new Map([
    ...answers,
    ['domains.app.0', answered(disabled)] as const,
    ['ports.app.0', answered('http 80 5000\n')] as const,
  ]);
  const context = await contextFor('domains: [new.example.com]\nports: ["http:80:5000"]\n');
  const state = stateWith(undefined, { settingAnswers });
  expect(findDrift(context, state).map(({ key }) => key)).toEqual(['domains']);
  expect(idsOf(planDeploy(context, state))).toContain('set-ports-again');
});
