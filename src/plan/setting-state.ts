import type { Context } from '../context/context.ts';
import type { Answer } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { hashPart } from '../settings/digest.ts';
import { parseSettingsMark, type SettingsMark } from '../settings/mark.ts';
import type { Change, DeclaredSetting, Known, RequiredPlugin, Setting } from '../settings/setting.ts';
import { settings } from '../settings/settings.ts';
import type { HostState } from './host-state.ts';
import { settingsKey } from './keys.ts';

/** A setting that concerns an app: one that is declared, or one that was declared and must go back to Dokku's default. */
export interface AppSetting {
  readonly setting: Setting;
  /** Undefined if it is no longer declared. */
  readonly declared: DeclaredSetting | undefined;
  /** Whether the app's mark records exactly this declaration as applied. */
  readonly isRecorded: boolean;
  /** The hashes of its parts that the app's mark records. */
  readonly recorded: readonly string[];
}

/** The phases of a deploy, in order. */
export const phases: readonly Change['phase'][] = ['before-deploy', 'after-deploy', 'last'];

/** A change, and the setting that it is of. */
export interface PlannedChange extends Change {
  readonly of: AppSetting;
}

/**
 * Returns the settings that concern the app, in the order of the table. A key that neither the file nor the app's mark has is not
 * among them: it is never asked about.
 */
export function listAppSettings(context: Context, hostState: HostState): AppSetting[] {
  const mark = readMark(hostState);
  return settings.flatMap((setting) => {
    const declared = context.settings.find(({ key }) => key === setting.key);
    if (declared === undefined && !mark.has(setting.key)) return [];
    const { digest, parts: recorded = [] } = mark.get(setting.key) ?? {};
    const isRecorded = declared !== undefined && digest === declared.digest;
    return [{ setting, declared, isRecorded, recorded }];
  });
}

/** Returns what the app's mark records. */
export function readMark({ app = 'absent' }: HostState): SettingsMark {
  const mark = app === 'absent' ? undefined : app.config.get(settingsKey);
  return parseSettingsMark(mark ?? '');
}

/** Whether the host must be asked about a setting. */
export function mustLook({ isRecorded }: AppSetting, { drift, looksForDrift }: Context): boolean {
  return !isRecorded || looksForDrift || drift === 'repair';
}

/** Whether a setting that differs is to be changed, rather than reported. */
export function mustChange({ isRecorded }: AppSetting, { drift }: Context): boolean {
  return !isRecorded || drift === 'repair';
}

/** Returns the plugin that a declared setting needs. */
export function requiredPlugin({ setting, declared }: AppSetting): RequiredPlugin | undefined {
  return declared && setting.plugin?.(declared.declared);
}

/** Whether the host was seen to lack the setting's plugin. */
export function lacksPlugin(one: AppSetting, context: Context, hostState: HostState): boolean {
  if (requiredPlugin(one) === undefined) return false;
  return answersOf(one, context, hostState).some(
    (answer) => answer?.kind === 'refused' && classifyRefusal(answer) === 'unknown-command',
  );
}

/** Returns the differences between what the app has and what is declared; undefined if that is not known. */
export function findChanges(
  one: AppSetting,
  context: Context,
  hostState: HostState,
): readonly Change[] | undefined {
  const { setting, declared, isRecorded, recorded } = one;
  const { app } = context;
  const wasDeclared = (part: string) => recorded.includes(hashPart(app, setting.key, part));
  const isDeclared = (key: string): boolean => context.settings.some((other) => other.key === key);
  const known: Known = { isRecorded, isDeployed: wasDeployed(hostState), wasDeclared, isDeclared };
  if (hostState.app === 'absent') return setting.changes(app, setting.fresh(app), declared?.declared, known);
  const answers = answersOf(one, context, hostState).filter((answer) => answer !== undefined);
  if (answers.length === 0) return undefined;
  return setting.changes(app, setting.read(answers, app), declared?.declared, known);
}

function answersOf(one: AppSetting, { app }: Context, { settingAnswers }: HostState): (Answer | undefined)[] {
  const { setting, declared } = one;
  return setting
    .questions(app, declared?.declared)
    .map((_, index) => settingAnswers?.get(answerKey(setting, 'app', index)));
}

/** GIT_REV names the last attempt, which may have failed; Dokku names no revision after some ways to ship. */
function wasDeployed({ app = 'absent', revision }: HostState): boolean {
  return revision !== undefined || (app !== 'absent' && app.config.has('GIT_REV'));
}

/** Returns the name under which the state of the host keeps the answer to a question of a setting, or of its guard. */
export function answerKey({ key }: Setting, about: 'app' | 'guard', index: number): string {
  return `${key}.${about}.${index}`;
}
