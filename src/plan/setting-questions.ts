import type { Context } from '../context/context.ts';
import type { Command } from '../dokku/command.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import type { Setting } from '../settings/setting.ts';
import type { HostState } from './host-state.ts';
import type { Question } from './question.ts';
import {
  type AppSetting,
  answerKey,
  findChanges,
  lacksPlugin,
  listAppSettings,
  mustChange,
  mustLook,
  requiredPlugin,
} from './setting-state.ts';

/**
 * Returns the questions about the declared settings, and then those about the rest of the host that their changes depend on. None
 * for a project that declares nothing, and none for a declaration that the app's mark records as applied.
 */
export function settingQuestions(context: Context, hostState: HostState): Question[] {
  return listAppSettings(context, hostState).flatMap((one) => {
    const open = openQuestions(one, context, hostState);
    return open.length > 0 ? open : guardQuestions(one, context, hostState);
  });
}

/** An app that does not exist has nothing to ask about. The host may still lack a plugin that its setting needs. */
function openQuestions(one: AppSetting, context: Context, hostState: HostState): Question[] {
  const { setting, declared } = one;
  if (!mustLook(one, context)) return [];
  if (hostState.app === 'absent' && requiredPlugin(one) === undefined) return [];
  const commands = setting.questions(context.app, declared?.declared);
  return unanswered({ setting, about: 'app', commands }, hostState);
}

function guardQuestions(one: AppSetting, context: Context, hostState: HostState): Question[] {
  const { setting, declared } = one;
  const guard = setting.guard?.(context.app, declared?.declared);
  if (!guard || !mustChange(one, context) || lacksPlugin(one, context, hostState)) return [];
  const hasChanges = (findChanges(one, context, hostState) ?? []).length > 0;
  return hasChanges ? unanswered({ setting, about: 'guard', commands: guard.commands }, hostState) : [];
}

interface Asked {
  readonly setting: Setting;
  readonly about: 'app' | 'guard';
  readonly commands: readonly Command[];
}

function unanswered({ setting, about, commands }: Asked, hostState: HostState): Question[] {
  return commands.flatMap((command, index): Question[] => {
    const key = answerKey(setting, about, index);
    if (hostState.settingAnswers?.has(key)) return [];
    return [
      {
        command,
        read: (answer) => {
          const isGone = answer.kind === 'refused' && classifyRefusal(answer) === 'missing';
          return {
            settingAnswers: new Map([[key, answer]]),
            // Another job has removed the app since its configuration was read.
            ...(isGone && about === 'app' ? { app: 'absent' as const } : {}),
          };
        },
      },
    ];
  });
}
