import type { DeployFailure, DeployOutput } from '../dokku/deploy-output.ts';
import { DeployError, type ErrorCode } from '../errors.ts';
import type { DeployRecord } from '../plan/deploy-record.ts';
import type { ShipStep } from '../plan/plan.ts';
import type { AttemptResult } from './deploy-types.ts';

/** Returns the error for a deploy that failed. `reason`: what is known if the host printed nothing. */
export function deployFailureError(
  step: ShipStep,
  output: DeployOutput,
  reason: string | undefined,
): DeployError {
  const [code, message, remedy] =
    failureMessages[output.failure === 'busy' ? 'other' : (output.failure ?? 'other')];
  const named = (text: string) => text.replaceAll('APP', step.app).replaceAll('BRANCH', step.branch);
  const said = output.reason.length > 0 ? output.reason : [reason ?? 'the host printed nothing'];
  return new DeployError(code, { message: named(message), remedy: named(remedy), said });
}

const failureMessages: Readonly<
  Record<Exclude<DeployFailure, 'busy'>, readonly [ErrorCode, string, string]>
> = {
  pull: [
    'image-not-pulled',
    'The host could not pull the image for APP. Any previous version keeps running.',
    'Check that the host can reach the registry, and that it is logged in: see registry in configuration.md.',
  ],
  load: [
    'image-not-loaded',
    'The host’s Docker could not load the archive of the image for APP. Any previous version keeps running.',
    'Check the free disk space of the host, and that its Docker can load the archive (docker load).',
  ],
  build: [
    'build-failed',
    'The host could not build APP.',
    'Fix the build error above and push again. Any previous version keeps running.',
  ],
  release: [
    'release-failed',
    'A script of app.json, or the release command of the Procfile, failed before APP was started.',
    'Fix the script and push again. Any previous version keeps running. Dokku runs the first-deploy script (scripts.postdeploy) only once, even if it failed.',
  ],
  unhealthy: [
    'unhealthy',
    'The new version of APP did not pass its health checks.',
    'See the app’s output above. It must listen on the port in $PORT. Any previous version keeps running.',
  ],
  postdeploy: [
    'postdeploy-failed',
    'The postdeploy script of APP failed. The new version is running anyway.',
    'The running code may be ahead of its database. Fix the script and push again, or run it by hand (dokku run).',
  ],
  'other-branch': [
    'not-deployed',
    'The host received the code of APP, but deploys another branch.',
    'Set the deploy branch on the host: dokku git:set APP deploy-branch BRANCH',
  ],
  canceled: ['build-failed', 'The build of APP was cancelled on the host.', 'Run the job again.'],
  'not-built': [
    'not-deployed',
    'The host built nothing: it started the previous version of APP again.',
    'The host does not know the builder that is selected for APP. See dokku builder:report APP.',
  ],
  'not-started': [
    'not-deployed',
    'The host started nothing: the new version of APP does not run.',
    'The host does not know the scheduler that is selected for APP. See dokku scheduler:report APP.',
  ],
  other: [
    'not-deployed',
    'The host did not deploy APP.',
    'Fix what the host’s output above reports, then run the job again.',
  ],
};

/** Returns the error for an image that came to the host in an archive, which this job does not have. */
export function lostImageError({ app, commit }: ShipStep): DeployError {
  const name = commit?.slice(0, 8);
  return new DeployError('release-not-found', {
    message: `The host no longer has the image of ${name} for ${app}, which it got from a file (image_archive): Dokku removes an image that it has replaced. Nothing was changed.`,
    remedy: `Run the job again that deployed ${name}: it sends the file.`,
  });
}

/** Returns the error of a run whose commit another job has superseded while it waited. */
export function supersededError({ app, commit }: ShipStep, by: DeployRecord): DeployError {
  const [own, other] = [commit ?? 'HEAD', by.commit].map((id) => id.slice(0, 8));
  return new DeployError('superseded', {
    message: `While this job waited, another one deployed ${other} to ${app}, which is newer than ${own}. Nothing was shipped.`,
    remedy: `There is nothing to do. To go back to ${own}, run the job again; to make such a job succeed, pass --superseded ok.`,
  });
}

/** Returns the outcome of a try whose connection dropped, and the error to throw after too many of them. */
export function lostConnection({ app }: ShipStep, sent: boolean): AttemptResult {
  return {
    kind: 'lost',
    sent,
    error: new DeployError('host-not-reached', {
      message: `The connection was lost three times while shipping to ${app}.`,
      remedy: 'Run the job again: it continues from what is already done.',
    }),
  };
}
