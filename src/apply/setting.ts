import type { Command } from '../dokku/command.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal, cleanHostOutput } from '../dokku/refusals.ts';
import { DeployError } from '../errors.ts';
import type { SettingStep } from '../plan/plan.ts';
import { hashPart } from '../settings/digest.ts';
import { findSetting } from '../settings/settings.ts';
import { limits } from '../ssh/limits.ts';
import type { OnLine } from '../ssh/lines.ts';
import { type AskResult, ask, askAll, type HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { type AnswerOptions, checkSettingAnswer } from './setting-answer.ts';
import type { StepResult } from './steps.ts';
import { stopError } from './stop.ts';
import { askUrls } from './what-runs.ts';

interface SettingOptions extends HostAccess, AnswerOptions {
  /** Shows each line that the host prints. */
  readonly onLine: OnLine;
}

/**
 * Makes one change that the file declares. After the last change of a setting, the host is asked again: a change that it accepted
 * but did not make is an error, too.
 *
 * Throws `host-refused`, after a write that nginx refused was taken back; `setting-not-applied`; and what `ask` throws.
 */
export async function performSetting(
  step: SettingStep,
  deployed: DeployResult | undefined,
  hostAccess: SettingOptions,
): Promise<StepResult> {
  // Another job has deployed a newer commit, whose declaration counts.
  if (deployed?.supersededBy !== undefined) return { outcome: 'skipped', detail: 'superseded' };
  for (const command of step.commands) await write(step, command, hostAccess);
  if (step.verified) await verify(step, step.verified, hostAccess);
  const urls = step.changesUrls ? { urls: await askUrls(step.app, hostAccess) } : {};
  await checkSettingAnswer(step, deployed && { ...deployed, ...urls }, hostAccess);
  return { outcome: 'done', detail: `${step.before} → ${step.after}`, ...urls };
}

/** How often a command is sent again while another app's files make nginx refuse its configuration, and the pause in milliseconds. */
const maxRetries = 6;
const retryDelay = 5_000;

/**
 * Sends a command. nginx tests the configuration of all apps together: if another app's is broken for a moment, because someone
 * is changing it, the command is sent again (facts-2, F30).
 */
async function write(step: SettingStep, command: Command, hostAccess: SettingOptions): Promise<void> {
  for (let retries = 0; ; retries += 1) {
    const answer = await ask(command, hostAccess, {
      onLine: hostAccess.onLine,
      timeLimit: limits.commandTime,
    });
    if (answer.kind === 'answered') return;
    const culprit = findCulprit(answer);
    if (culprit === undefined && isDoneAlready(answer)) return;
    if (culprit === undefined) throw refusedError(command, answer);
    if (culprit === step.app || retries === maxRetries) {
      await takeBack(step, hostAccess);
      throw nginxError(step, command, { answer, culprit });
    }
    await hostAccess.sleep(retryDelay);
    if (hostAccess.stop.aborted) throw stopError(hostAccess.stop);
  }
}

type Refused = AskResult & { readonly kind: 'refused' };

/** Returns the app whose configuration nginx refuses; undefined for a refusal of another kind. */
function findCulprit({ stdout, stderr }: Refused): string | undefined {
  const text = `${stderr}\n${stdout}`;
  if (!/\[emerg\]|Failed to validate nginx config/.test(text)) return undefined;
  return (
    /Failed to validate nginx config for (\S+?)\.?\s+Contents/.exec(text)?.[1] ??
    /\/home\/dokku\/([^/\s]+)\/(?:nginx|tls|htpasswd)/.exec(text)?.[1] ??
    ''
  );
}

/**
 * Whether a refusal may mean that there is nothing left to do: the thing exists already, or the answer to the first sending was lost.
 * The app is asked afterwards in any case.
 */
function isDoneAlready(answer: Refused): boolean {
  return answer.attempts > 1 || classifyRefusal(answer) === 'exists';
}

/** A configuration that nginx refuses stays in place, and breaks the next step of every app of the host (facts-2, F29). */
async function takeBack({ undo }: SettingStep, hostAccess: HostAccess): Promise<void> {
  for (const command of undo) await ask(command, hostAccess, { timeLimit: limits.commandTime });
}

function nginxError(
  { app, key, undo }: SettingStep,
  command: Command,
  { answer, culprit }: { readonly answer: Refused; readonly culprit: string },
): DeployError {
  const { message } = refusedError(command, answer);
  const said = cleanHostOutput(answer.stderr);
  const isOther = culprit !== app && culprit !== '';
  const takenBack = undo.length > 0 ? ' It was taken back.' : '';
  return new DeployError('host-refused', {
    message: `${message}, since nginx refuses its configuration${isOther ? ` because of the app ${culprit}` : ''}.${takenBack}`,
    said,
    remedy: isOther
      ? `Fix ${culprit} on the host, and run the job again: nginx tests the configuration of all apps together.`
      : `Correct ${key} in .dokku-deploy.yml, and run the job again.`,
  });
}

/** Asks the host what the app has now. */
async function verify(
  step: SettingStep,
  { declared, recorded }: NonNullable<SettingStep['verified']>,
  hostAccess: HostAccess,
): Promise<void> {
  const { app, key } = step;
  const setting = findSetting(key);
  if (!setting) throw new Error(`there is no setting ${key}`);
  const answers = await askAll(setting.questions(app, declared), hostAccess);
  const wasDeclared = (part: string) => recorded.includes(hashPart(app, key, part));
  const known = { isRecorded: true, isDeployed: true, wasDeclared, isDeclared: () => false };
  const [left] = setting.changes(app, setting.read(answers, app), declared, known);
  if (left === undefined) return;
  throw new DeployError('setting-not-applied', {
    message: `${key} of ${app} is ${left.before} after the host was asked to make it ${left.after}.`,
    remedy:
      'Something else may have changed it at the same time; else the host does not do what it reports. Run the job again.',
  });
}
