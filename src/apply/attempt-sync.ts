import type { Source } from '../context/context.ts';
import type { Answer } from '../dokku/command.ts';
import { type DeployOutput, judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { isGone, syncApp } from '../dokku/git-sync.ts';
import { orderUrls } from '../dokku/urls.ts';
import { DeployError } from '../errors.ts';
import { isSameRecord, type RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep, StepShipment } from '../plan/plan.ts';
import { createKeptLines } from '../source/kept-lines.ts';
import { findCommit } from '../source/ship.ts';
import { limits } from '../ssh/limits.ts';
import { askAll, askOnce } from './ask.ts';
import { type AttemptOptions, attemptDeploy } from './attempt-deploy.ts';
import { checkBeforePush } from './check-before-push.ts';
import { deployFailureError, lostConnection } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { createLineHandler } from './rebuild.ts';
import { supersede } from './supersede.ts';
import { askUrls, readRunningVersion, runsRevision, versionQuestions } from './what-runs.ts';

type Sync = StepShipment & { readonly kind: 'sync' };

/**
 * Has the host build an app from a commit that a repository on it has, and decides what became of it. Always looks first: Dokku
 * moves the branch before it builds and before it meets the lock. Nothing is sent if the commit is known to run.
 *
 * Throws what `performShip` throws, except for a lost connection and a busy app; and `release-not-found` if the host no longer has
 * the commit and it cannot be shipped again.
 */
export async function attemptSync(
  step: ShipStep,
  { folder, revision, isFetchable }: Sync,
  input: AttemptOptions,
): Promise<AttemptResult> {
  const { options, build, seen } = input;
  const check = await checkBeforePush(step, { seen, revision, heedsLock: true }, options);
  if (check.kind === 'superseded') return supersede(step, check.by, options);
  if (check.kind !== 'clear') return check;
  if (!step.rebuild && isKnownToRun(check.running, revision))
    return reportUnchanged(step, revision, check.running, options);
  // Dokku moves the branch of the app before it finds out that the commit is missing (facts-2, F10).
  if (!isFetchable) return shipAgain(step, { revision, error: notFetchableError(step) }, input);
  const lines = createKeptLines(createLineHandler(options, build));
  const answer = await askOnce(syncApp(step.app, folder, revision), options, {
    onLine: lines.push,
    timeLimit: limits.commandTime,
    streamed: true,
  });
  if (answer.kind === 'not-reached') return lostConnection(step, answer.sent);
  const read = lines.read();
  const output = readDeployOutput(read);
  if (output.failure === 'busy') return { kind: 'busy', refused: true };
  if (answer.kind === 'refused' && output.failure === undefined && isGone(read))
    return shipAgain(step, { revision, error: goneError(step, folder) }, input);
  return judgeAnswer(step, revision, { answer, output, options });
}

/** Nothing else was tried since: after a failed deploy, the next restart would start what failed. */
function isKnownToRun(running: RunningVersion, revision: string): boolean {
  return running.revision === revision && (running.attempted ?? revision) === revision;
}

async function reportUnchanged(
  step: ShipStep,
  revision: string,
  running: RunningVersion,
  options: DeployOptions,
): Promise<AttemptResult> {
  const known = running.record?.url;
  const urls = known === undefined ? await askUrls(step.app, options) : [known];
  const record = recordOf(step, revision, urls);
  const deployed = {
    urls,
    shipped: false,
    detail: `${step.app} already runs ${step.commit?.slice(0, 8)}`,
    record: isSameRecord(record, running.record) ? undefined : record,
  };
  return { kind: 'deployed', deployed };
}

function recordOf({ commit = '', committedAt }: ShipStep, revision: string, urls: readonly string[]) {
  return { commit, committedAt, revision, url: urls[0] };
}

/** Ships a commit that the host no longer has from the checkout, if that gives the very same snapshot. */
async function shipAgain(
  step: ShipStep,
  only: NonNullable<AttemptOptions['only']>,
  input: AttemptOptions,
): Promise<AttemptResult> {
  const { options } = input;
  const source = await prepareSource(options);
  if (source === undefined) throw only.error;
  options.onWait(
    `the host cannot take ${step.commit?.slice(0, 8)} from a repository: it is shipped from the checkout`,
  );
  return attemptDeploy(
    { ...step, shipment: { kind: 'commit' } },
    { ...input, options: { ...options, source }, only },
  );
}

/** Returns the source of the step's commit as `deploy` would ship it; undefined if the checkout does not have it. */
async function prepareSource({ source, childEnv }: DeployOptions): Promise<Source | undefined> {
  try {
    const { found } = await findCommit(source, childEnv);
    return { ...source, ...found };
  } catch (error) {
    if (error instanceof DeployError) return undefined;
    throw error;
  }
}

function notFetchableError({ app, commit }: ShipStep): DeployError {
  const name = commit?.slice(0, 8);
  return new DeployError('release-not-found', {
    message: `${app} cannot take ${name} from the other app, which has had a newer deploy: git fetches only what a branch holds. Nothing was changed.`,
    remedy: remedyOf(name),
  });
}

function goneError({ app, commit }: ShipStep, folder: string): DeployError {
  const name = commit?.slice(0, 8);
  const isOwn = folder.endsWith(`/${app}`);
  const rest = isOwn
    ? 'Nothing was changed.'
    : `Nothing was built, and ${app} runs what it ran. Dokku has moved its deploy branch, though: until the next deploy, do not rebuild it on the host.`;
  return new DeployError('release-not-found', {
    message: `The host no longer has the code of ${name} in ${folder}. ${rest}`,
    remedy: remedyOf(name),
  });
}

function remedyOf(name: string | undefined): string {
  return `Run the job again that deployed ${name}: it ships the commit from a checkout. This job has none that contains ${name} and gives the same snapshot.`;
}

interface SyncAnswer {
  readonly answer: Answer;
  readonly output: DeployOutput;
  readonly options: DeployOptions;
}

/** Neither the exit code nor the output proves what runs, so the host is asked afterwards. */
async function judgeAnswer(
  step: ShipStep,
  revision: string,
  { answer, output, options }: SyncAnswer,
): Promise<AttemptResult> {
  const verdict = judgeDeploy(output, answer.kind === 'answered' ? 'stored' : 'declined');
  if (verdict === 'failed') throw deployFailureError(step, output, undefined);
  const running = readRunningVersion(await askAll(versionQuestions(step.app), options));
  const isDeployed =
    running.revision === undefined
      ? await runsRevision(step.app, revision, options)
      : running.revision === revision;
  if (!isDeployed) throw deployFailureError(step, output, 'the host reports that another version runs');
  const urls = verdict === 'deployed' ? orderUrls(output.urls) : await askUrls(step.app, options);
  const deployed = {
    urls,
    shipped: true,
    detail: `${step.commit?.slice(0, 8)} built on the host, which had it`,
    record: recordOf(step, revision, urls),
    hasWeb: output.hasWeb,
  };
  return { kind: 'deployed', deployed };
}
