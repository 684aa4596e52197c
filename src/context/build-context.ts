import { configurationError, type Problem } from '../problems.ts';
import { readStartup } from '../settings/checks.ts';
import { noAppEnv, resolveAppEnv } from './app-env.ts';
import { noAppJson } from './app-json.ts';
import { type ReviewAppNames, resolveEnvironmentApp, resolveReviewApp } from './app-name.ts';
import { type ConfigBlock, type ContextInput, resolveBlock } from './config-block.ts';
import type { Context, Source, Warning } from './context.ts';
import { resolveCopyFrom } from './copy-from.ts';
import { resolveEnvironment } from './environment.ts';
import { listEnvironmentApps } from './environment-app.ts';
import { parseDuration } from './flags.ts';
import { checkRemoteApp, resolveHost, resolveOptionalAccess } from './host.ts';
import { resolveInherit } from './inherit.ts';
import { readJob, readTime, resolveMergeRequest } from './job.ts';
import { resolveLockReason } from './lock-reason.ts';
import { resolveLoginHint } from './login-hint.ts';
import { resolveNotifications } from './notifications.ts';
import { resolveAllowOlder } from './older-commits.ts';
import { resolveProbe } from './probe.ts';
import { resolveProject } from './project.ts';
import { describeProcesses, readAppFile, readConfiguration, type ShippedAppFiles } from './project-files.ts';
import { resolvePromotion } from './promotion.ts';
import { buildTemplateEnv, resolveRef, resolveRefSlug } from './ref.ts';
import { resolveRegistry } from './registry-login.ts';
import { addAppVariables, type Resolver } from './resolver.ts';
import type { Configuration } from './schema.ts';
import { checkServiceUrls, checkSharedUrls, serviceUrlKey } from './service-urls.ts';
import { resolveServices } from './services.ts';
import { resolveSettings } from './settings.ts';
import { resolveShipment } from './shipment.ts';
import { isImageSource } from './source.ts';
import { deploysRelease, isPreparation, targets } from './target.ts';

/**
 * Validates everything that the job was given, and returns the one value that the rest of the run works with.
 *
 * Throws `configuration` with every problem at once.
 */
export async function buildContext(input: ContextInput): Promise<Context> {
  const { context, problems } = await checkContext(input);
  if (problems.length > 0) throw configurationError(problems);
  return context;
}

/** A context, and what is wrong with the input that it was built from: with problems, it must not be used. */
export interface CheckedContext {
  readonly context: Context;
  readonly problems: readonly Problem[];
}

/** Validates the same, and returns the problems instead of throwing them. */
export async function checkContext(input: ContextInput): Promise<CheckedContext> {
  const { command, flags, jobInput } = input;
  const { target, configures, ships } = targets[command];
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const { configuration, path } = await readConfiguration(input, problems, warnings);
  const environment = resolveEnvironment(target, flags, jobInput);
  const resolver: Resolver = { env: buildTemplateEnv(jobInput), vault: new Map(), problems, path };
  const block = resolveBlock(input, configuration, resolver);
  // Real commits are shipped as they are.
  const profile = block.source.history === 'full' ? 'full' : configuration.review?.profile;
  const files = await readAppFile(input, { ...block, profile }, { resolver, warnings });
  const host = resolveHost(input, block, { configuration, path }, resolver);
  const access = await resolveOptionalAccess(input, host, problems, warnings);
  const { app, formerNames } = resolveNames(input, { block, configuration }, resolver);
  checkRemoteApp(host, { app, target }, warnings);
  const { settings, resolver: appResolver } = await resolveSettings(
    {
      ...{ app, target, jobInput, warnings },
      entries: configures ? block.settings : {},
      ...describeProcesses(files, block.source),
    },
    addAppVariables(
      { app, slug: resolveRefSlug(jobInput), mergeRequest: jobInput.variables.CI_MERGE_REQUEST_IID },
      resolver,
    ),
  );
  const entries = block.services ?? files.appJson.services;
  const services = configures ? resolveServices(entries, { app, own: target === 'review' }, appResolver) : [];
  const { appEnv, notes } = configures ? await resolveAppEnv(block, jobInput, appResolver) : noAppEnv;
  const place = block.services ? `services of ${path}` : 'addons of app.json';
  checkServiceUrls(appEnv, { services, place }, resolver);
  checkSharedUrls(services, resolver, warnings);
  const inherit =
    configures && block.inherit
      ? resolveInherit(block.inherit, { app, appEnv, services }, appResolver)
      : undefined;
  const assigned = new Set([...appEnv.keys(), ...(inherit?.keys ?? []), ...services.map(serviceUrlKey)]);
  const isQuiet = isPreparation(targets[command]);
  const notifications = resolveNotifications(
    { target, environment, variables: jobInput.variables, entries: isQuiet ? [] : configuration.notify },
    resolver,
    warnings,
  );
  const registry = ships ? resolveRegistry(block.settings, resolver, warnings) : undefined;
  const shipment = ships
    ? resolveShipment(input, { source: block.source, registry }, resolver)
    : { kind: 'commit' as const };
  const usesImage = shipment.kind !== 'commit' || isImageSource(block.source);
  const promotion = await resolvePromotion(input, { configuration, path, app, access }, resolver);
  const waitSeconds = resolveWait(input, problems);
  const allowOlder = resolveAllowOlder({ command, flags, variables: jobInput.variables }, problems);
  const loginHint = resolveLoginHint(block.settings.basic_auth, resolver);
  const probe = resolveProbe(block.probe, { access, basicAuth: block.settings.basic_auth }, resolver);
  const lockReason = command === 'lock' ? resolveLockReason(flags, problems) : undefined;
  const context: Context = {
    command,
    target,
    configures,
    ships,
    access,
    project: resolveProject(jobInput),
    ref: resolveRef(jobInput) ?? 'HEAD',
    environment,
    app,
    formerNames,
    services,
    config: [...appEnv.keys()],
    inherit,
    settings,
    drift: block.drift ?? 'keep',
    looksForDrift: flags.hostRequirement !== 'required' || flags.checkDrift === true,
    // With an image, Dokku reads the app.json in the image.
    declaredEnv: usesImage ? [] : files.appJson.declaredEnv.filter(({ key }) => !assigned.has(key)),
    vault: resolver.vault,
    addressValues: appResolver.address?.values ?? [],
    source: buildSource(input, block, files),
    shipment,
    registry,
    rebuild: flags.rebuild === true,
    allowOlder,
    probe,
    superseded: flags.superseded ?? 'fail',
    takeOver: flags.takeOver === true,
    duringLock: flags.duringLock === true,
    lockReason,
    goesBack: block.rollback === true && target === 'environment' && command !== 'rollback',
    release: flags.to,
    promotion,
    waitSeconds,
    createMissing: flags.noCreate !== true,
    copyFrom: resolveCopyFrom(
      flags,
      { app, hasServices: block.services !== undefined || services.length > 0 },
      problems,
    ),
    isExact: flags.exact === true,
    job: readJob(jobInput.variables),
    notifications,
    mergeRequest: isQuiet ? undefined : resolveMergeRequest(jobInput.variables, target),
    loginHint,
    changedPages: [],
    warnings,
    notes: [...notes, ...(usesImage ? describeImage(files) : files.appJson.notes)],
  };
  return { context, problems };
}

function describeImage({ appJson }: ShippedAppFiles): string[] {
  return appJson === noAppJson
    ? []
    : [
        'Dokku reads app.json and the Procfile in the working folder of the image; of the repository’s app.json, only the add-ons count',
      ];
}

function resolveNames(
  { command, flags, jobInput }: ContextInput,
  { block, configuration }: { readonly block: ConfigBlock; readonly configuration: Configuration },
  resolver: Resolver,
): ReviewAppNames {
  const { target, configures } = targets[command];
  if (target === 'environment') {
    const environment = resolveEnvironment(target, flags, jobInput);
    const app = resolveEnvironmentApp({ flags, jobInput, environment, template: block.app }, resolver);
    return { app, formerNames: [] };
  }
  const environmentApps = listEnvironmentApps(configuration, jobInput, resolver);
  const template = configuration.review?.name;
  return resolveReviewApp({ flags, jobInput, template, environmentApps, creates: configures }, resolver);
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

function buildSource(
  { command, jobInput }: ContextInput,
  block: ConfigBlock,
  { extra, appJsonPath }: ShippedAppFiles,
): Source {
  const checks = readStartup(block.settings.checks) ?? targets[command].target === 'review';
  const { root, dir, history = 'snapshot', include = [], exclude = [], submodules = 'check' } = block.source;
  return {
    folder: jobInput.folder,
    root,
    dir,
    history,
    include,
    exclude,
    submodules,
    // What a rollback deploys is found on the app.
    commit: deploysRelease(command) ? undefined : jobInput.variables.CI_COMMIT_SHA,
    committedAt: readTime(jobInput.variables.CI_COMMIT_TIMESTAMP),
    // The real commits are shipped as they are.
    uptimeCheck: checks && history !== 'full',
    ...(appJsonPath === undefined ? {} : { appJsonPath }),
    extra,
  };
}
