import { hasCertificate } from '../dokku/app-settings.ts';
import { appDeployed, appRunning } from '../dokku/apps.ts';
import { type DeployRecord, isSameRecord, type RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import { type AskResult, ask, askAll } from './ask.ts';
import type { BuildWatcher } from './cancel-build.ts';
import { checkBeforePush } from './check-before-push.ts';
import { askApp, isServing } from './check-serving.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import type { ProbeAnswer } from './probe.ts';
import { rebuildOnHost } from './rebuild.ts';
import { supersede } from './supersede.ts';
import { askUrls, runsRevision } from './what-runs.ts';

/** What deploying an unchanged commit needs besides its step. */
export interface UnchangedOptions {
  readonly options: DeployOptions;
  readonly build: BuildWatcher;
  /** The commit, and what the host has of it. */
  readonly commit: Pick<DeployRecord, 'commit' | 'image' | 'base'> & { readonly revision: string };
  /** What ran when this job last looked. */
  readonly seen: RunningVersion;
  /** Whether the host must be looked at again before a rebuild. */
  readonly checks: boolean;
}

/**
 * Deploys a commit that the host already has: the host rebuilds it if the job asks for that, or if it is not running.
 *
 * Throws the error of a deploy that failed, and what `ask` throws.
 */
export async function deployUnchanged(step: ShipStep, input: UnchangedOptions): Promise<AttemptResult> {
  const { options, commit, seen } = input;
  if (step.rebuild) return rebuild(step, input, 'the host already has the commit');
  if (!(await isRunning(step, input))) return rebuild(step, input, 'another version was running');
  const recorded = seen.record?.revision === commit.revision ? seen.record.url : undefined;
  const known = recorded === undefined ? await askUrls(step.app, options) : [recorded];
  const answer = await request(step, known[0], options);
  const isServingNow = answer !== undefined && isServing(answer);
  if (!isServingNow && !(await isStarted(step, options))) return rebuild(step, input, 'it was not running');
  const isStale = recorded !== undefined && (await hasOtherScheme(step.app, recorded, { answer, options }));
  const urls = isStale ? await askUrls(step.app, options) : known;
  const { committedAt } = options.source;
  const record = { ...commit, committedAt, url: urls[0] };
  return {
    kind: 'deployed',
    deployed: {
      urls,
      shipped: false,
      detail: `the host already runs this ${commit.image === undefined ? 'commit' : 'image'}`,
      record: isSameRecord(record, seen.record) ? undefined : record,
      revision: commit.revision,
      isServing: isServingNow,
    },
  };
}

/**
 * Whether the commit is running. An image whose container still runs does not count if another deploy has failed since: the next
 * restart would start the failed one.
 */
async function isRunning({ app }: ShipStep, { options, commit, seen }: UnchangedOptions): Promise<boolean> {
  if (isKnownToRun(seen, commit)) return true;
  return commit.image === undefined && runsRevision(app, commit.revision, options);
}

async function rebuild(step: ShipStep, input: UnchangedOptions, reason: string): Promise<AttemptResult> {
  const { options, seen, checks, commit } = input;
  const check = checks
    ? await checkBeforePush(step, { seen, revision: commit.revision }, options)
    : { kind: 'clear' as const, running: seen };
  if (check.kind === 'superseded') return supersede(step, check.by, options);
  return check.kind === 'clear' ? rebuildOnHost(step, { ...input, reason }) : check;
}

/**
 * Whether the last successful deploy was of this revision and nothing was tried since. A failed deploy may leave another
 * image, which the next restart starts, or another version running.
 */
function isKnownToRun(
  { revision, attempted }: RunningVersion,
  { revision: wanted, image = wanted }: UnchangedOptions['commit'],
): boolean {
  return (revision ?? image) === image && (attempted ?? wanted) === wanted;
}

/** Requests the app's URL. Returns undefined if it must not be requested. */
async function request(
  step: ShipStep,
  url: string | undefined,
  options: DeployOptions,
): Promise<ProbeAnswer | undefined> {
  return step.probes && url !== undefined ? askApp(url, probeTimeout, options) : undefined;
}

/** Milliseconds. */
const probeTimeout = 5_000;

/**
 * Whether the app has got a certificate since its URL was recorded, or lost it. The host is asked only if the answer
 * suggests it: listing the URLs takes it a second.
 */
async function hasOtherScheme(
  app: string,
  url: string,
  { answer, options }: { readonly answer: ProbeAnswer | undefined; readonly options: DeployOptions },
): Promise<boolean> {
  const isHttps = url.startsWith('https:');
  const suggestsOther = isHttps ? answer !== undefined && !isServing(answer) : redirectsToHttps(answer);
  if (!suggestsOther) return false;
  const certificate = await ask(hasCertificate(app), options);
  return certificate.kind === 'answered' && certificate.stdout.trim() === String(!isHttps);
}

function redirectsToHttps(answer: ProbeAnswer | undefined): boolean {
  return answer?.kind === 'answered' && answer.location?.startsWith('https:') === true;
}

async function isStarted({ app }: ShipStep, options: DeployOptions): Promise<boolean> {
  const isTrue = (answer: AskResult) => answer.kind === 'answered' && answer.stdout.trim() === 'true';
  return (await askAll([appDeployed(app), appRunning(app)], options)).every(isTrue);
}
