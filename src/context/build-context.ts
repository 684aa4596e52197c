import { type HostText, understandAccess } from '../access/access.ts';
import type { Access } from '../access/access-types.ts';
import type { Given, Unread } from '../environment/given.ts';
import { type Problem, problemsError } from '../problems.ts';
import { type AppJson, fromYaml, readAppJson } from './app-json.ts';
import { projectOf, settleAppName } from './app-name.ts';
import { readConfigFile } from './config-file.ts';
import type { Context, Source, Warning } from './context.ts';
import { type Settling, settleConfig, settleServices } from './env-and-services.ts';
import { type Flags, readDuration } from './flags.ts';
import { jobOf, mergeRequestOf } from './job.ts';
import { settleNotices } from './notices.ts';
import { refOf, variablesFor } from './ref.ts';
import type { Configuration } from './schema.ts';
import { type CommandName, targets } from './target.ts';

export interface Understanding {
  readonly command: CommandName;
  readonly flags: Flags;
  readonly given: Given;
}

/**
 * Judges all that was given, and gives the one value that the rest works with.
 *
 * Raises `configuration` with every problem at once.
 */
export async function understand(understanding: Understanding): Promise<Context> {
  const { command, flags, given } = understanding;
  const { target, ships } = targets[command];
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const files = await readFiles(understanding, problems, warnings);
  const environment = environmentOf(understanding);
  const block = blockOf(understanding, files.configuration, environment);
  const settling: Settling = { env: variablesFor(given), vault: new Map(), problems, path: files.path };
  const access = await accessOf(understanding, hostOf(understanding, block, files), problems, warnings);
  const templates = {
    review: files.configuration.review?.name,
    environment: block.app ?? files.configuration.app,
  };
  const app = settleAppName({ target, flags, given, templates }, settling);
  const entries = block.services ?? files.configuration.services ?? files.appJson.services;
  const services = ships ? settleServices(entries, { app, own: target === 'review' }, settling) : [];
  const config = ships ? settleConfig(block.env ?? {}, settling) : [];
  const notices = settleNotices(
    { target, environment, variables: given.variables, entries: files.configuration.notify },
    settling,
    warnings,
  );
  const waitSeconds = waitOf(understanding, problems);
  if (problems.length > 0) throw problemsError(problems);
  return {
    command,
    target,
    ships,
    access,
    project: projectOf(given),
    ref: refOf(given) ?? 'HEAD',
    environment,
    app,
    services,
    config,
    vault: settling.vault,
    source: sourceOf(understanding, files),
    rebuild: flags.rebuild === true,
    allowOlder: flags.allowOlder === true,
    waitSeconds,
    createMissing: flags.noCreate !== true,
    job: jobOf(given.variables),
    notices,
    mergeRequest: mergeRequestOf(given.variables, target),
    warnings,
  };
}

interface Files {
  readonly configuration: Configuration;
  readonly path: string;
  readonly appJson: AppJson;
  readonly extra: Source['extra'];
}

const noAppJson: AppJson = { services: [], forReview: undefined };

async function readFiles(
  { given, command }: Understanding,
  problems: Problem[],
  warnings: Warning[],
): Promise<Files> {
  const { configuration: file, appJson, appYml } = given;
  const path = file?.path ?? '.dokku-deploy.yml';
  const read = file ? await readConfigFile(file) : { configuration: {}, problems: [] };
  // What is to be removed is written on the app: a broken file must not keep a review app alive.
  const { target, ships } = targets[command];
  if (!ships) {
    warnings.push(...given.unread.map(({ path: about, reason: message }) => ({ about, message })));
    return { configuration: read.configuration, path, appJson: noAppJson, extra: {} };
  }
  problems.push(...given.unread.map(unreadProblem), ...read.problems);
  const source = appJson ?? (appYml && { ...appYml, text: await fromYaml(appYml.text) });
  if (!source) return { configuration: read.configuration, path, appJson: noAppJson, extra: {} };
  const app = await readAppJson({ ...source, review: target === 'review' });
  problems.push(...app.problems);
  if (!appJson && appYml) {
    const message = `Dokku reads app.json only, so its scripts and migrations would never run: it is shipped as app.json. Rename it.`;
    warnings.push({ about: appYml.path, message });
  }
  if (app.forReview) {
    warnings.push({
      about: source.path,
      message: 'environments.review is put over the rest of it for this review app',
    });
  }
  const text = app.forReview ?? (appJson ? undefined : source.text);
  return {
    configuration: read.configuration,
    path,
    appJson: app,
    extra: text === undefined ? {} : { 'app.json': text },
  };
}

function unreadProblem({ path, reason }: Unread): Problem {
  return {
    where: path,
    message: reason,
    remedy: 'Name a file that the job can read; the path begins at the project’s folder.',
  };
}

function environmentOf({ command, flags, given }: Understanding): string | undefined {
  return (
    (targets[command].target === 'environment' ? flags.environment : undefined) ??
    given.variables.CI_ENVIRONMENT_NAME
  );
}

/** The file's blocks that count for this run: the environment's (or the review's) wins over the top. */
type Block = Pick<Configuration, 'host' | 'app' | 'services' | 'env'>;

function blockOf(
  { command }: Understanding,
  configuration: Configuration,
  environment: string | undefined,
): Block {
  const block: Block =
    targets[command].target === 'environment'
      ? (configuration.environments?.[environment ?? ''] ?? {})
      : (configuration.review ?? {});
  return { ...block, env: { ...configuration.env, ...block.env } };
}

async function accessOf(
  { flags, given }: Understanding,
  host: HostText | undefined,
  problems: Problem[],
  warnings: Warning[],
): Promise<Access | undefined> {
  if (flags.host === 'none') return undefined;
  if (flags.host === 'optional' && host === undefined) {
    warnings.push({ about: 'DOKKU_HOST', message: 'it is not set: the plan is for an empty host' });
    return undefined;
  }
  return understandAccess(given, host, problems);
}

function hostOf(
  { given }: Understanding,
  block: Block,
  { configuration, path }: Files,
): HostText | undefined {
  if (block.host !== undefined) return { where: `${path}: host`, text: block.host };
  if (given.variables.DOKKU_HOST !== undefined)
    return { where: 'DOKKU_HOST', text: given.variables.DOKKU_HOST };
  return configuration.host === undefined ? undefined : { where: `${path}: host`, text: configuration.host };
}

function waitOf({ flags }: Understanding, problems: Problem[]): number {
  const seconds = flags.wait === undefined ? 900 : readDuration(flags.wait);
  if (seconds !== undefined) return seconds;
  problems.push({
    where: '--wait',
    message: `${JSON.stringify(flags.wait)} is no time`,
    remedy: 'Write 90s, 20m or 1h.',
  });
  return 0;
}

function sourceOf({ given }: Understanding, { configuration, extra }: Files): Source {
  return {
    folder: given.folder,
    history: configuration.source?.history ?? 'snapshot',
    include: configuration.source?.include ?? [],
    commit: given.variables.CI_COMMIT_SHA,
    committedAt: undefined,
    extra,
  };
}
