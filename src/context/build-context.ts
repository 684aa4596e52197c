import { type HostSetting, resolveAccess } from '../access/access.ts';
import type { Access } from '../access/access-types.ts';
import type { JobInput, UnreadableFile } from '../environment/job-input.ts';
import { configurationError, type Problem } from '../problems.ts';
import { type AppJson, convertYaml, readAppJson } from './app-json.ts';
import { type ReviewAppNames, resolveEnvironmentApp, resolveReviewApp } from './app-name.ts';
import { readConfigFile } from './config-file.ts';
import type { Context, Source, Warning } from './context.ts';
import { type Resolver, resolveConfig, resolveServices } from './env-and-services.ts';
import { findEnvironmentBlock, resolveEnvironment } from './environment.ts';
import { listEnvironmentApps } from './environment-app.ts';
import { type Flags, parseDuration } from './flags.ts';
import { readJob, resolveMergeRequest } from './job.ts';
import { resolveNotifications } from './notifications.ts';
import { resolveProject } from './project.ts';
import { buildTemplateEnv, resolveRef } from './ref.ts';
import type { Configuration } from './schema.ts';
import { type CommandName, targets } from './target.ts';

export interface ContextInput {
  readonly command: CommandName;
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

/**
 * Validates everything that the job was given, and returns the one value that the rest of the run works with.
 *
 * Throws `configuration` with every problem at once.
 */
export async function buildContext(input: ContextInput): Promise<Context> {
  const { command, flags, jobInput } = input;
  const { target, ships } = targets[command];
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const files = await readFiles(input, problems, warnings);
  const environment = resolveEnvironment(target, flags, jobInput);
  const resolver: Resolver = {
    env: buildTemplateEnv(jobInput),
    vault: new Map(),
    problems,
    path: files.path,
  };
  const block = resolveBlock(input, files.configuration, resolver);
  const access = await resolveOptionalAccess(input, resolveHost(input, block, files), problems, warnings);
  const { app, formerNames } = resolveNames(input, { block, configuration: files.configuration }, resolver);
  const entries = block.services ?? files.configuration.services ?? files.appJson.services;
  const services = ships ? resolveServices(entries, { app, own: target === 'review' }, resolver) : [];
  const config = ships ? resolveConfig(block.env ?? {}, resolver) : [];
  const notifications = resolveNotifications(
    { target, environment, variables: jobInput.variables, entries: files.configuration.notify },
    resolver,
    warnings,
  );
  const waitSeconds = resolveWait(input, problems);
  if (problems.length > 0) throw configurationError(problems);
  return {
    command,
    target,
    ships,
    access,
    project: resolveProject(jobInput),
    ref: resolveRef(jobInput) ?? 'HEAD',
    environment,
    app,
    formerNames,
    services,
    config,
    vault: resolver.vault,
    source: buildSource(input, files),
    rebuild: flags.rebuild === true,
    allowOlder: flags.allowOlder === true,
    takeOver: flags.takeOver === true,
    waitSeconds,
    createMissing: flags.noCreate !== true,
    job: readJob(jobInput.variables),
    notifications,
    mergeRequest: resolveMergeRequest(jobInput.variables, target),
    warnings,
  };
}

interface ProjectFiles {
  readonly configuration: Configuration;
  readonly path: string;
  readonly appJson: AppJson;
  readonly extra: Source['extra'];
}

const noAppJson: AppJson = { services: [], reviewText: undefined };

async function readFiles(
  { jobInput, command }: ContextInput,
  problems: Problem[],
  warnings: Warning[],
): Promise<ProjectFiles> {
  const { configuration: file, appJson, appYml } = jobInput;
  const path = file?.path ?? '.dokku-deploy.yml';
  const read = file ? await readConfigFile(file) : { configuration: {}, problems: [] };
  // The app's marker names what to remove: a broken file must not keep a review app alive.
  const { target, ships } = targets[command];
  if (!ships) {
    warnings.push(...jobInput.unreadable.map(({ path: about, reason: message }) => ({ about, message })));
    return { configuration: read.configuration, path, appJson: noAppJson, extra: {} };
  }
  problems.push(...jobInput.unreadable.map(unreadableProblem), ...read.problems);
  const source = appJson ?? (appYml && { ...appYml, text: await convertYaml(appYml.text) });
  if (!source) return { configuration: read.configuration, path, appJson: noAppJson, extra: {} };
  const app = await readAppJson({ ...source, review: target === 'review' });
  problems.push(...app.problems);
  if (!appJson && appYml) {
    const message = 'Dokku only reads app.json, so this file is shipped as app.json; rename it';
    warnings.push({ about: appYml.path, message });
  }
  if (app.reviewText) {
    warnings.push({
      about: source.path,
      message: 'environments.review is merged into the rest of the file for this review app',
    });
  }
  const text = app.reviewText ?? (appJson ? undefined : source.text);
  return {
    configuration: read.configuration,
    path,
    appJson: app,
    extra: text === undefined ? {} : { 'app.json': text },
  };
}

function unreadableProblem({ path, reason }: UnreadableFile): Problem {
  return {
    where: path,
    message: reason,
    remedy: 'Give the path of a readable file, relative to the project’s folder.',
  };
}

/** The keys that the file can set both at the top level and in the block of an environment or of `review`. */
type ConfigBlock = Pick<Configuration, 'host' | 'app' | 'services' | 'env'>;

function resolveBlock(input: ContextInput, configuration: Configuration, resolver: Resolver): ConfigBlock {
  const block = chooseBlock(input, configuration, resolver);
  return { ...block, env: { ...configuration.env, ...block.env } };
}

function chooseBlock(
  { command, flags, jobInput }: ContextInput,
  configuration: Configuration,
  resolver: Resolver,
): ConfigBlock {
  const { target } = targets[command];
  if (target === 'review') return configuration.review ?? {};
  const chosen = flags.app ?? configuration.app ?? jobInput.variables.DOKKU_APP;
  const environment = resolveEnvironment(target, flags, jobInput);
  return findEnvironmentBlock(configuration, { environment, hasApp: chosen !== undefined }, resolver);
}

function resolveNames(
  { command, flags, jobInput }: ContextInput,
  { block, configuration }: { readonly block: ConfigBlock; readonly configuration: Configuration },
  resolver: Resolver,
): ReviewAppNames {
  const { target, ships } = targets[command];
  if (target === 'environment') {
    const environment = resolveEnvironment(target, flags, jobInput);
    const template = block.app ?? configuration.app;
    const app = resolveEnvironmentApp({ flags, jobInput, environment, template }, resolver);
    return { app, formerNames: [] };
  }
  const environmentApps = listEnvironmentApps(configuration, jobInput, resolver);
  const template = configuration.review?.name;
  return resolveReviewApp({ flags, jobInput, template, environmentApps, creates: ships }, resolver);
}

async function resolveOptionalAccess(
  { flags, jobInput }: ContextInput,
  host: HostSetting | undefined,
  problems: Problem[],
  warnings: Warning[],
): Promise<Access | undefined> {
  if (flags.hostRequirement === 'none') return undefined;
  if (flags.hostRequirement === 'optional' && host === undefined) {
    warnings.push({ about: 'DOKKU_HOST', message: 'not set: the plan is for an empty host' });
    return undefined;
  }
  return resolveAccess(jobInput, host, problems);
}

function resolveHost(
  { jobInput }: ContextInput,
  block: ConfigBlock,
  { configuration, path }: ProjectFiles,
): HostSetting | undefined {
  if (block.host !== undefined) return { where: `${path}: host`, text: block.host };
  if (jobInput.variables.DOKKU_HOST !== undefined)
    return { where: 'DOKKU_HOST', text: jobInput.variables.DOKKU_HOST };
  return configuration.host === undefined ? undefined : { where: `${path}: host`, text: configuration.host };
}

function resolveWait({ flags }: ContextInput, problems: Problem[]): number {
  const seconds = flags.wait === undefined ? 900 : parseDuration(flags.wait);
  if (seconds !== undefined) return seconds;
  problems.push({
    where: '--wait',
    message: `${JSON.stringify(flags.wait)} is not a duration`,
    remedy: 'Use 90s, 20m or 1h.',
  });
  return 0;
}

function buildSource({ jobInput }: ContextInput, { configuration, extra }: ProjectFiles): Source {
  return {
    folder: jobInput.folder,
    history: configuration.source?.history ?? 'snapshot',
    include: configuration.source?.include ?? [],
    commit: jobInput.variables.CI_COMMIT_SHA,
    committedAt: undefined,
    extra,
  };
}
