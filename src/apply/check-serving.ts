import { isLoopback } from '../access/host-address.ts';
import type { Probe } from '../context/probe-types.ts';
import { domainsReport, maintenanceReport, recentLogs, scaleReport } from '../dokku/apps.ts';
import { cleanHostOutput } from '../dokku/refusals.ts';
import { readScale } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import type { CheckStep } from '../plan/plan.ts';
import { type AskResult, askAll, type HostAccess } from './ask.ts';
import type { DeployResult } from './deploy-types.ts';
import { type ProbeAnswer, type ProbeOptions, probe } from './probe.ts';
import type { StepResult } from './steps.ts';
import { stopError } from './stop.ts';

/** What the check needs besides the host. */
export interface ServingOptions extends HostAccess {
  /** Whether requests go through the job's proxy, whose own errors look like the app's. */
  readonly isProxied: boolean;
  /** Whether the host is this machine, so that loopback is the host's. */
  readonly isHostLocal: boolean;
  readonly warn: (message: string) => void;
  /** Shows the last lines of the app's log. */
  readonly showLog: (lines: readonly string[]) => void;
}

/** Checks that what was deployed serves. Throws what `checkServing` throws. */
export async function performCheck(
  step: CheckStep,
  { urls, hasWeb = true, isServing: isKnown = false, supersededBy, record, revision }: DeployResult,
  options: ServingOptions,
): Promise<StepResult> {
  const { app, probe } = step;
  const [url] = urls;
  if (supersededBy !== undefined) return { outcome: 'skipped', detail: 'superseded' };
  if (!hasWeb) return { outcome: 'skipped', detail: `${app} has no web process` };
  if (url === undefined || url.includes('*') || !URL.canParse(url))
    return { outcome: 'skipped', detail: 'no URL to ask' };
  if (isLoopback(new URL(url).hostname) && !options.isHostLocal && !probe.connect)
    return { outcome: 'skipped', detail: `${url} is only valid on the host` };
  if (isKnown && !probe.isStrict) return { outcome: 'skipped', detail: 'it answers' };
  const ids = [step.commit, record?.revision ?? revision].filter((id) => id !== undefined);
  return checkServing(step, { url, ids }, options);
}

/** Milliseconds. */
const pause = 1_000;
const connectTimeout = 5_000;
const requestTimeout = 20_000;

/**
 * Requests the app's URL until the response is as expected. Dokku reports an app as deployed even if it never listens or has
 * crashed since; only a request shows that. A URL that cannot be reached from here is a warning, unless the probe is strict.
 *
 * Throws `not-serving`, what `ask` throws, and the stop's error.
 */
async function checkServing(
  step: CheckStep,
  { url: base, ids }: Served,
  options: ServingOptions,
): Promise<StepResult> {
  const { now, sleep, stop, warn } = options;
  const { probe } = step;
  const url = pageAt(base, probe.path);
  const asked = { connect: probe.connect, text: probe.text };
  const authorization = buildAuthorization(probe, options);
  const deadline = now() + probe.seconds * 1_000;
  for (;;) {
    const total = Math.min(Math.max(deadline - now(), pause), requestTimeout);
    const answer = await askApp(url, total, options, { ...asked, authorization });
    if (stop.aborted) throw stopError(stop);
    if (answer.kind === 'unreachable' && !probe.isStrict) {
      warn(`${url} could not be checked from this job: ${answer.reason}`);
      return { outcome: 'skipped', detail: 'not reachable from this job' };
    }
    const isGood = isExpected(answer, probe);
    const other = isGood
      ? await findOtherCommit(probe, { url: base, ids, authorization }, total, options)
      : undefined;
    if (stop.aborted) throw stopError(stop);
    if (isGood && other === undefined) return { outcome: 'done', detail: `it ${describeAnswer(answer)}` };
    if (now() >= deadline) return explainSilence(step, url, other ?? describeAnswer(answer), options);
    await sleep(pause);
  }
}

/** The app's URL, and the ids of what must serve there: the commit, and what the host made of it (GIT_REV). */
interface Served {
  readonly url: string;
  readonly ids: readonly string[];
  readonly authorization?: string | undefined;
}

/** Returns the Authorization header for a page behind `basic_auth`. */
function buildAuthorization({ login }: Probe, { vault }: HostAccess): string | undefined {
  if (login === undefined) return undefined;
  const { user, password } = login;
  const text = typeof password === 'string' ? password : (vault.get(password.secret)?.reveal() ?? '');
  return `Basic ${Buffer.from(`${user}:${text}`).toString('base64')}`;
}

function pageAt(url: string, path: string): string {
  return path === '/' ? url : new URL(path, url).href;
}

/** Asks the app which commit it runs. Returns what is wrong with its response, as a predicate; undefined if nothing is. */
async function findOtherCommit(
  { commit: place, path, connect }: Probe,
  { url: base, ids, authorization }: Served,
  total: number,
  options: RequestAccess,
): Promise<string | undefined> {
  if (place === undefined || ids.length === 0) return undefined;
  const isHeader = 'header' in place;
  const url = pageAt(base, isHeader ? path : place.path);
  const commitIn = isHeader ? place : 'body';
  const answer = await askApp(url, total, options, { connect, commitIn, authorization });
  const where = isHeader ? `in the header ${place.header}` : `at ${place.path}`;
  if (answer.kind !== 'answered') return `${describeAnswer(answer)} ${where}`;
  const { commits = [] } = answer;
  if (commits.some((found) => ids.some((id) => id.startsWith(found)))) return undefined;
  const [other] = commits;
  return other === undefined
    ? `answers ${answer.status} and names no commit ${where}`
    : `serves ${other.slice(0, 8)} instead of ${ids[0]?.slice(0, 8)}`;
}

type RequestAccess = Pick<ServingOptions, 'stop' | 'isProxied'>;

/** What a request looks for, and where it connects to. */
type AskedFor = Pick<ProbeOptions, 'text' | 'commitIn' | 'authorization' | 'trustsAny'> &
  Pick<Probe, 'connect'>;

/** Requests the URL once. */
export async function askApp(
  url: string,
  total: number,
  { stop, isProxied }: RequestAccess,
  { connect: connectTo, ...asked }: AskedFor = { connect: undefined },
): Promise<ProbeAnswer> {
  const answer = await probe(url, { connect: connectTimeout, total, stop, connectTo, ...asked });
  if (!isProxied || connectTo || isLoopback(new URL(url).hostname)) return answer;
  if (isServing(answer) || answer.kind === 'unreachable') return answer;
  return { kind: 'unreachable', reason: `it ${describeAnswer(answer)}, which may be the job’s proxy` };
}

function isExpected(answer: ProbeAnswer, { status, text }: Probe): boolean {
  if (answer.kind !== 'answered' || (text !== undefined && answer.hasText !== true)) return false;
  if (status === 'serving') return isServing(answer);
  if (status === 'success') return answer.status >= 200 && answer.status < 400;
  return status.includes(answer.status);
}

/** What nginx returns for an app that does not respond: bad gateway, service unavailable, gateway timeout. */
const gatewayErrors = new Set([502, 503, 504]);

/** Whether the app itself responded, even with an error or a redirect. */
export function isServing(answer: ProbeAnswer): boolean {
  return answer.kind === 'answered' && !gatewayErrors.has(answer.status);
}

function describeAnswer(answer: ProbeAnswer): string {
  if (answer.kind !== 'answered')
    return answer.kind === 'refused' ? 'refuses the connection' : `cannot be reached (${answer.reason})`;
  return `answers ${answer.status}${answer.hasText === false ? ' without the expected text' : ''}`;
}

/** How many lines of the app's log the error repeats, for the notifications. */
const repeatedLines = 5;

/** Ends the check of an app that does not serve: throws `not-serving`, unless the host shows a good reason. */
async function explainSilence(
  { app, probe }: CheckStep,
  url: string,
  what: string,
  options: ServingOptions,
): Promise<StepResult> {
  const questions = [recentLogs(app), scaleReport(app), domainsReport(app), maintenanceReport(app)];
  const answers = (await askAll(questions, options)).map(answeredText);
  const [logs = '', scale = '', domains = '', maintenance = ''] = answers;
  if (readScale(scale).get('web') === 0) return { outcome: 'skipped', detail: `${app} runs no web process` };
  if (maintenance.trim() === 'true') return { outcome: 'skipped', detail: `${app} is in maintenance` };
  if (!probe.isStrict && !domains.trim().split(/\s+/).includes(new URL(url).hostname)) {
    options.warn(`${url} is not a domain of ${app}, and ${what}`);
    return { outcome: 'skipped', detail: 'no domain to check' };
  }
  const lines = cleanHostOutput(logs);
  options.showLog(lines);
  throw new DeployError('not-serving', {
    message: `${app} is deployed but does not serve: after ${probe.seconds} s, ${url} still ${what}.`,
    said: lines.slice(-repeatedLines),
    remedy: probe.isStrict ? strictRemedy : remedy,
  });
}

const remedy =
  'Read the app’s log above. Its web process must listen on the port in $PORT, on all addresses, and must not exit. If the app is not meant to answer at this URL, set probe: false in .dokku-deploy.yml.';

const strictRemedy =
  'Read the app’s log above, and compare the answer with probe in .dokku-deploy.yml. An app that needs longer gets more time with within. If its name is not in DNS yet, set connect: true.';

function answeredText(answer: AskResult): string {
  return answer.kind === 'answered' ? answer.stdout : '';
}
