import type { Context } from '../context/context.ts';
import { pluginRequiredError } from '../dokku/refusal-errors.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { formatSettingsMark, type SettingsMark } from '../settings/mark.ts';
import type { Change } from '../settings/setting.ts';
import { findSetting } from '../settings/settings.ts';
import { configWrite } from './config-write.ts';
import { addForgotten } from './forgotten-settings.ts';
import type { HostState } from './host-state.ts';
import { settingsKey } from './keys.ts';
import type { CheckStep, MarkSettingsStep, RecordStep, SettingStep, ShipStep, Step } from './plan.ts';
import { type PlannedMarks, planMarks } from './setting-marks.ts';
import {
  type AppSetting,
  answerKey,
  findChanges,
  lacksPlugin,
  listAppSettings,
  mustChange,
  type PlannedChange,
  phases,
  readMark,
  requiredPlugin,
} from './setting-state.ts';

/** What a plan does about the settings of an app. */
export interface SettingsPlan extends PlannedMarks {
  readonly changes: readonly PlannedChange[];
  /** What differs although it is recorded as applied, and stays. */
  readonly drift: readonly PlannedChange[];
  /** What is left out, as sentences. */
  readonly warnings: readonly string[];
}

/**
 * Returns what has to be done so that an app has the declared settings.
 *
 * Throws `plugin-missing` for a plugin that the host lacks, and what a setting throws for an answer or for a change that must not
 * be made.
 */
export function planSettings(context: Context, hostState: HostState): SettingsPlan {
  const all = listAppSettings(context, hostState);
  const lacking = all.filter((one) => lacksPlugin(one, context, hostState));
  for (const one of lacking) refuseWithoutPlugin(one, context, hostState);
  const usable = all.filter((one) => !lacking.includes(one));
  const differing = usable.flatMap((of) => {
    const found = findChanges(of, context, hostState) ?? [];
    return found.map((change): PlannedChange => ({ ...change, of }));
  });
  const changes = addForgotten(
    context.app,
    usable,
    differing.filter(({ of }) => mustChange(of, context)),
  );
  for (const of of new Set(changes.map((change) => change.of))) checkGuard(of, context, hostState);
  const before = readMark(hostState);
  const applied: SettingsMark = new Map([
    // What a later version has recorded is not this one's to forget.
    ...[...before].filter(([key]) => findSetting(key) === undefined),
    ...usable.flatMap(({ declared }) => (declared ? [[declared.key, declared] as const] : [])),
  ]);
  return {
    ...planMarks(applied, { changes: listEffects(changes), before }),
    changes,
    drift: differing.filter(({ of }) => !mustChange(of, context)),
    warnings: lacking.map(
      (one) =>
        `${one.setting.key} is left out: the host has no plugin ${requiredPlugin(one)?.name}, and it is optional`,
    ),
  };
}

function listEffects(changes: readonly PlannedChange[]): Parameters<typeof planMarks>[1]['changes'] {
  return changes.map(({ of, effect }) => ({ key: of.setting.key, effect }));
}

function refuseWithoutPlugin(one: AppSetting, context: Context, hostState: HostState): void {
  const plugin = requiredPlugin(one);
  if (plugin === undefined || (plugin.isOptional && context.target === 'review')) return;
  const answers = [...(hostState.settingAnswers ?? [])].filter(([key]) =>
    key.startsWith(`${one.setting.key}.`),
  );
  const said = answers.flatMap(([, answer]) =>
    answer.kind === 'refused' ? cleanHostOutput(answer.stderr) : [],
  );
  throw pluginRequiredError(one.setting.key, plugin, said);
}

function checkGuard(
  { setting, declared }: AppSetting,
  context: Context,
  { settingAnswers }: HostState,
): void {
  const guard = setting.guard?.(context.app, declared?.declared);
  const answers = (guard?.commands ?? []).flatMap(
    (_, index) => settingAnswers?.get(answerKey(setting, 'guard', index)) ?? [],
  );
  // Without a host (--offline) there is nothing to look at.
  if (guard && answers.length === guard.commands.length) guard.check(answers);
}

/** Returns the same changes without a build, for a commit that runs already; `plan` itself if one of them needs it. */
export function withoutBuild(plan: SettingsPlan, hostState: HostState): SettingsPlan {
  const { applied } = plan;
  const changes = plan.changes.map(
    (change): PlannedChange =>
      change.withoutBuild === undefined
        ? change
        : { ...change, commands: change.withoutBuild, phase: 'after-deploy', effect: 'at-once' },
  );
  if (applied === undefined || needsDeploy({ ...plan, changes })) return plan;
  return {
    ...plan,
    changes,
    ...planMarks(applied, { changes: listEffects(changes), before: readMark(hostState) }),
  };
}

/** Whether a change needs a deploy to count: one of this plan, or of a run that ended before its deploy. */
export function needsDeploy({ changes, awaitsDeploy }: SettingsPlan): boolean {
  return awaitsDeploy || changes.some(({ effect }) => effect === 'next-deploy');
}

/**
 * Returns the steps of one phase, one after the other: two writes of one app's properties at once may lose one. The last one of
 * each setting looks whether the app has what is declared.
 */
export function settingSteps(
  context: Context,
  { changes }: SettingsPlan,
  { phase, needs }: { readonly phase: Change['phase']; readonly needs: readonly string[] },
): SettingStep[] {
  const steps: SettingStep[] = [];
  for (const [index, change] of changes.entries()) {
    if (change.phase !== phase) continue;
    const isLast = !isFollowed(change, index, changes);
    const previous = steps.at(-1);
    steps.push(settingStep(context, change, { isLast, needs: previous ? [previous.id] : needs }));
  }
  return steps;
}

/** Whether another change of the same setting is made later. */
function isFollowed(change: PlannedChange, index: number, changes: readonly PlannedChange[]): boolean {
  return changes.some(
    (other, at) =>
      other.of === change.of &&
      (phases.indexOf(other.phase) > phases.indexOf(change.phase) ||
        (other.phase === change.phase && at > index)),
  );
}

function settingStep(
  { app, probe }: Context,
  change: PlannedChange,
  { isLast, needs }: { readonly isLast: boolean; readonly needs: readonly string[] },
): SettingStep {
  const { of, id, title, before, after, commands, undo = [], changesUrls, answersWith, repeat } = change;
  return {
    kind: 'setting',
    id: `set-${id}`,
    title,
    needs,
    repeat,
    app,
    key: of.setting.key,
    before,
    after,
    commands,
    undo,
    ...(changesUrls ? { changesUrls } : {}),
    ...(answersWith === undefined ? {} : { answersWith, ...(probe?.connect && { connect: probe.connect }) }),
    ...(isLast ? { verified: verifiedBy(of) } : {}),
  };
}

function verifiedBy({ declared, recorded }: AppSetting): NonNullable<SettingStep['verified']> {
  return { ...(declared === undefined ? {} : { declared: declared.declared }), recorded };
}

/**
 * Returns the last steps of a plan with those of the settings: what must find the app deployed comes before the check that it
 * answers, and what takes something away comes after it.
 */
export function addSettingSteps(
  context: Context,
  plan: SettingsPlan,
  deploy: readonly (ShipStep | RecordStep | CheckStep)[],
): Step[] {
  const checks = deploy.filter((step) => step.kind === 'check');
  const deployed = deploy.filter((step) => step.kind !== 'check');
  const after = settingSteps(context, plan, { phase: 'after-deploy', needs: lastId(deployed) });
  const checked = checks.map((step) => ({ ...step, needs: lastId([...deployed, ...after]) }));
  const before = [...deployed, ...after, ...checked];
  const last = settingSteps(context, plan, { phase: 'last', needs: lastId(before) });
  return [...before, ...last, ...markSteps(context, plan, lastId([...before, ...last]))];
}

function lastId(steps: readonly Step[]): string[] {
  return steps.slice(-1).map(({ id }) => id);
}

/** Returns the step that records the settings as applied; none if they are recorded already. */
function markSteps(
  { app }: Context,
  { applied, marks }: SettingsPlan,
  needs: readonly string[],
): MarkSettingsStep[] {
  if (applied === undefined) return [];
  const value = formatSettingsMark(applied);
  return [
    {
      kind: 'mark-settings',
      id: 'mark-settings',
      title: `Record the settings of ${app}`,
      needs,
      repeat: 'the same values are written again',
      app,
      value,
      pending: marks[settingsKey] ?? '',
      ...configWrite(app, { [settingsKey]: value }),
    },
  ];
}

/** Returns the notes about what differs and stays. */
export function describeDrift({ drift }: SettingsPlan): string[] {
  return drift.map(
    ({ of, before, after }) =>
      `${of.setting.key} was changed on the host: it is ${before}, and ${after} is declared (drift: keep)`,
  );
}
