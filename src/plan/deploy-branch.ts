import type { Context } from '../context/context.ts';
import { git } from '../settings/git.ts';
import type { HostState } from './host-state.ts';
import { answerKey } from './setting-state.ts';
import type { SettingsPlan } from './setting-steps.ts';

/** Returns the branch to push to: the one that is deployed once the settings of the plan are applied. */
export function findDeployBranch({ app }: Context, hostState: HostState, { changes }: SettingsPlan): string {
  const change = changes.find(({ id }) => id === 'git-deploy-branch');
  if (change === undefined) return hostState.deployBranch ?? 'master';
  if (change.after !== 'default') return change.after;
  const answer = hostState.settingAnswers?.get(answerKey(git, 'app', 0));
  return answer === undefined ? 'master' : git.read([answer], app).globalBranch;
}
