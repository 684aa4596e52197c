import { isLoopback } from '../access/host-address.ts';
import { DeployError } from '../errors.ts';
import type { SettingStep } from '../plan/plan.ts';
import { askApp, type ServingOptions } from './check-serving.ts';
import type { DeployResult } from './deploy-types.ts';
import type { ProbeAnswer } from './probe.ts';
import { stopError } from './stop.ts';

/** What a request to the app needs. */
export type AnswerOptions = Pick<
  ServingOptions,
  'now' | 'sleep' | 'stop' | 'isProxied' | 'isHostLocal' | 'warn'
>;

/** nginx reloads its configuration in the background. Milliseconds. */
const deadline = 10_000;
const pause = 500;
const requestTimeout = 5_000;

/**
 * Checks with a request, without credentials, that a setting has its effect: a plugin may report success and leave the app as it
 * was. No request is sent to an app that was not deployed, or that this job cannot reach.
 *
 * Throws `setting-not-applied` for another answer, and the stop's error.
 */
export async function checkSettingAnswer(
  { app, key, answersWith, connect }: SettingStep,
  deployed: Pick<DeployResult, 'urls' | 'hasWeb'> | undefined,
  options: AnswerOptions,
): Promise<void> {
  if (answersWith === undefined || deployed === undefined || deployed.hasWeb === false) return;
  const url = deployed.urls.find((one) => !one.includes('*') && URL.canParse(one));
  if (url === undefined || (isLoopback(new URL(url).hostname) && !options.isHostLocal && !connect)) {
    const reason = url === undefined ? `${app} has no URL` : `${url} is only valid on the host`;
    options.warn(`${key} could not be checked with a request from this job: ${reason}`);
    return;
  }
  const until = options.now() + deadline;
  for (;;) {
    const answer = await askFollowing(url, { urls: deployed.urls, connect }, options);
    if (options.stop.aborted) throw stopError(options.stop);
    if (answer.kind === 'unreachable') {
      options.warn(`${key} could not be checked with a request from this job: ${answer.reason}`);
      return;
    }
    if (answer.kind === 'answered' && answer.status === answersWith) return;
    if (options.now() >= until) throw wrongAnswerError({ app, key, url }, answer, answersWith);
    await options.sleep(pause);
  }
}

/**
 * An app with a certificate first redirects to https. A redirect to another host is the app's own response: what that host responds
 * shows nothing about the setting.
 */
async function askFollowing(
  url: string,
  { urls, connect }: { readonly urls: readonly string[]; readonly connect: SettingStep['connect'] },
  options: AnswerOptions,
): Promise<ProbeAnswer> {
  const answer = await askApp(url, requestTimeout, options, { connect, ...anyCertificate });
  const { location } = answer.kind === 'answered' ? answer : {};
  const hosts = urls.flatMap((one) => URL.parse(one)?.hostname ?? []);
  const isRedirect =
    location?.startsWith('https:') === true && hosts.includes(URL.parse(location)?.hostname ?? '');
  if (!isRedirect) return answer;
  // If a port is given, it is the port for http.
  const secure = connect && { host: connect.host, port: undefined };
  return askApp(location, requestTimeout, options, { connect: secure, ...anyCertificate });
}

/** Nothing secret is sent, and the project’s own certificate may come from an authority that this job does not trust. */
const anyCertificate = { trustsAny: true };

interface Asked {
  readonly app: string;
  readonly key: string;
  readonly url: string;
}

function wrongAnswerError({ app, key, url }: Asked, answer: ProbeAnswer, wanted: number): DeployError {
  const found = answer.kind === 'answered' ? `answers ${answer.status}` : 'does not answer';
  return new DeployError('setting-not-applied', {
    message: `${key} of ${app} has no effect: ${url} ${found} a request without credentials, instead of ${wanted}.`,
    remedy: `The host reported it as done. Look at the app, and at the plugin on the host, before you rely on ${key}.`,
  });
}
