import { resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { gitReport, runningBuilds } from '../dokku/apps.ts';
import type { Answer } from '../dokku/command.ts';
import { judgeDeploy, readDeployOutput } from '../dokku/deploy-output.ts';
import { fromImage, isLoadedImage, isUnchangedImage, loadImage } from '../dokku/images.ts';
import { hasBuilds, readBranchRevision } from '../dokku/reports.ts';
import { orderUrls } from '../dokku/urls.ts';
import { renameArchive } from '../images/renamed-archive.ts';
import type { RunningVersion } from '../plan/deploy-record.ts';
import type { ShipStep, StepShipment } from '../plan/plan.ts';
import { shortenImage } from '../plan/shipment.ts';
import { createKeptLines } from '../source/kept-lines.ts';
import { limits } from '../ssh/limits.ts';
import { askAll, askOnce } from './ask.ts';
import type { AttemptOptions } from './attempt-deploy.ts';
import { checkBeforePush } from './check-before-push.ts';
import { deployFailureError, lostConnection, lostImageError } from './deploy-errors.ts';
import type { AttemptResult, DeployOptions } from './deploy-types.ts';
import { createLineHandler } from './rebuild.ts';
import { supersede } from './supersede.ts';
import { deployUnchanged } from './unchanged.ts';
import { reportUpload } from './upload-progress.ts';
import { askUrls, readRunningVersion, versionQuestions } from './what-runs.ts';

/**
 * Has the host deploy an image once, and decides what became of it. Nothing is sent if the image is known to run.
 *
 * Throws what `performShip` throws, except for a lost connection and a busy app.
 */
export async function attemptImage(
  step: ShipStep,
  shipment: ImageToShip,
  input: AttemptOptions,
): Promise<AttemptResult> {
  const { image } = shipment;
  const { options, build, seen, checks } = input;
  const known = seen.record?.image === image ? seen.record.revision : undefined;
  if (known !== undefined && seen.revision === image && seen.attempted === known) {
    const commit = { commit: options.source.commit ?? '', revision: known, image };
    return deployUnchanged(step, { options, build, commit, seen, checks });
  }
  // Dokku moves the branch before it meets its lock: a look is worth more here than before a push.
  const look = { seen, revision: image, heedsLock: true };
  const check = checks ? await checkBeforePush(step, look, options) : undefined;
  if (check?.kind === 'superseded') return supersede(step, check.by, options);
  if (check !== undefined && check.kind !== 'clear') return check;
  const isLoaded = (check?.running ?? seen).revision === image;
  const sent = await sendWhatIsMissing(step.app, shipment, { input, isLoaded });
  if (sent.answer.kind === 'not-reached') return lostConnection(step, sent.answer.sent);
  return judgeAnswer(step, image, { answer: sent.answer, lines: sent.lines, input });
}

type ImageToShip = Extract<StepShipment, { readonly image: string }>;

interface SendOptions {
  readonly input: AttemptOptions;
  /** Whether the host should still have the image, since it deployed it. */
  readonly isLoaded: boolean;
}

/** Sends the name of an image that the host has, or can pull. Sends the archive if the host has removed its image. */
async function sendWhatIsMissing(app: string, shipment: ImageToShip, { input, isLoaded }: SendOptions) {
  if (shipment.kind === 'image' || !isLoaded) return send(app, shipment, input);
  const sent = await send(app, { kind: 'image', image: shipment.image }, input);
  return readDeployOutput(sent.lines).failure === 'pull' ? send(app, shipment, input) : sent;
}

/** Sends the command, and an archive with it. A stop ends the transfer: the host deploys nothing of an archive that is cut off. */
async function send(app: string, shipment: ImageToShip, { options, build }: AttemptOptions) {
  const lines = createKeptLines(createLineHandler(options, build));
  const reading = { onLine: lines.push, timeLimit: limits.commandTime, streamed: true };
  if (shipment.kind === 'image') {
    const answer = await askOnce(fromImage(app, shipment.image), options, reading);
    return { answer, lines: lines.read() };
  }
  const path = resolve(options.source.folder, shipment.path);
  const archive = renameArchive({ ...shipment, path }, shipment.image);
  const { bytesRead: sent } = archive;
  const isComplete = () => sent() >= shipment.bytes;
  using _progress = reportUpload({ sent, isComplete, total: async () => shipment.bytes }, options);
  const stdin = addAbortSignal(options.stop, archive.content);
  const answer = await askOnce(loadImage(app, shipment.image), options, { ...reading, stdin });
  return { answer, lines: lines.read() };
}

interface ImageAnswer {
  readonly answer: Answer;
  readonly lines: readonly string[];
  readonly input: AttemptOptions;
}

async function judgeAnswer(
  step: ShipStep,
  image: string,
  { answer, lines, input }: ImageAnswer,
): Promise<AttemptResult> {
  const { options, build } = input;
  const output = readDeployOutput(lines);
  if (output.failure === 'busy') return { kind: 'busy', refused: true };
  // Dokku pulls before it changes anything, and an archive has been sent by now if there is one.
  if (output.failure === 'pull' && isLoadedImage(image)) throw lostImageError(step);
  const verdict = judgeDeploy(output, answer.kind === 'answered' ? 'stored' : 'declined');
  const isUnchanged = !output.deployed && isUnchangedImage(lines);
  if (verdict === 'failed' && !isUnchanged) throw deployFailureError(step, output, undefined);
  const { isBuilding, running, branch } = await askState(step, options);
  if (isUnchanged && branch !== undefined) {
    // This may be what a try did whose connection was lost: Dokku moves the branch first and builds then.
    if (isBuilding) return { kind: 'busy', refused: false };
    const commit = { commit: options.source.commit ?? '', revision: branch, image };
    return deployUnchanged(step, { options, build, commit, seen: running, checks: false });
  }
  const isDeployed = verdict === 'deployed' || (running.revision === image && running.attempted === branch);
  if (!isDeployed) throw deployFailureError(step, output, undefined);
  const urls = verdict === 'deployed' ? orderUrls(output.urls) : await askUrls(step.app, options);
  const { commit = '', committedAt } = options.source;
  const record = { commit, committedAt, revision: running.attempted ?? branch, image, url: urls[0] };
  const detail = `${shortenImage(image)} deployed`;
  return {
    kind: 'deployed',
    deployed: { urls, shipped: true, detail, record, hasWeb: output.hasWeb },
  };
}

interface AppVersion {
  readonly isBuilding: boolean;
  readonly running: RunningVersion;
  /** What the deploy branch is at. */
  readonly branch: string | undefined;
}

async function askState({ app }: ShipStep, options: DeployOptions): Promise<AppVersion> {
  const questions = [runningBuilds(app), gitReport(app), ...versionQuestions(app)];
  const [builds, report, ...answers] = await askAll(questions, options);
  return {
    isBuilding: builds?.kind === 'answered' && hasBuilds(builds.stdout),
    running: readRunningVersion(answers),
    branch: report?.kind === 'answered' ? readBranchRevision(report.stdout) : undefined,
  };
}
