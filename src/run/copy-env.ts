import { ask, type HostAccess } from '../apply/ask.ts';
import type { Context, ServiceSpec } from '../context/context.ts';
import { serviceUrlKey } from '../context/service-urls.ts';
import { resolveServices } from '../context/services.ts';
import { exportConfig } from '../dokku/config.ts';
import { configRefusedError } from '../dokku/refusal-errors.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readConfigOrFail } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { type CopiedEnv, selectCopiedEnv } from '../plan/copied-env.ts';
import { inheritableKey } from '../plan/keys.ts';
import { isSetting, Secret } from '../secret.ts';
import type { Host } from '../ssh/host.ts';
import type { World } from '../world.ts';
import { createHostAccess } from './run-context.ts';

/**
 * Adds to a review app's configuration what it gets from another app's, and, if the project lists no services, services of the
 * types that the other app is linked to. What the review app already has is kept.
 *
 * Throws `host-refused` if there is no such app, and what `ask` throws.
 */
export async function copyEnv(context: Context, world: World, host: Host | undefined): Promise<Context> {
  const { copyFrom } = context;
  if (copyFrom === undefined) return context;
  if (host === undefined) return withNote(context, `the job copies the configuration of ${copyFrom.app}`);
  const hostAccess = createHostAccess({ world, context }, host);
  const [config, own] = await Promise.all([
    readConfigOf(copyFrom.app, hostAccess),
    readConfigOf(context.app, hostAccess),
  ]);
  if (config === undefined) throw missingError(copyFrom.app);
  const assigned = new Set([...context.config, ...context.services.map(serviceUrlKey)]);
  const copied = selectCopiedEnv(config, assigned);
  const { values } = copied;
  const services = copyFrom.takesServices ? listServices(copied.services, context.app) : [];
  const secrets = [...values].map(([key, value]) => {
    const isPublic = isSetting([key], value);
    const name = `config.${key}`;
    return [name, new Secret(name, own?.get(key) ?? value, { isPublic })] as const;
  });
  const noted = withNote(context, describe(copyFrom.app, copied, services));
  return {
    ...noted,
    config: [...context.config, ...values.keys()],
    declaredEnv: context.declaredEnv.filter(({ key }) => !values.has(key)),
    services: [...context.services, ...services],
    vault: new Map([...context.vault, ...secrets]),
  };
}

function withNote(context: Context, note: string): Context {
  return { ...context, notes: [...context.notes, note] };
}

/** Returns an app's configuration; undefined if there is no such app. */
async function readConfigOf(
  app: string,
  hostAccess: HostAccess,
): Promise<ReadonlyMap<string, string> | undefined> {
  const command = exportConfig(app);
  const answer = await ask(command, hostAccess);
  if (answer.kind === 'refused') {
    if (classifyRefusal(answer) === 'missing') return undefined;
    throw configRefusedError(app, command, answer);
  }
  return readConfigOrFail(command, answer.stdout);
}

function missingError(app: string): DeployError {
  return new DeployError('host-refused', {
    message: `There is no app ${app} whose configuration the review app could get.`,
    remedy: 'Deploy that app first, or name another one.',
  });
}

/** One service for each URL, with the review app's own name. */
function listServices(linked: ReadonlyMap<string, string>, app: string): readonly ServiceSpec[] {
  const entries = [...linked].map(([key, type]) => ({ type, ...aliasOf(key, type) }));
  return resolveServices(entries, { app, own: true }, { env: {}, vault: new Map(), problems: [], path: '' });
}

function aliasOf(key: string, plugin: string): { readonly as?: string } {
  return key === serviceUrlKey({ plugin }) || !key.endsWith('_URL')
    ? {}
    : { as: key.slice(0, -'_URL'.length) };
}

function describe(
  app: string,
  { values, leftOut, secrets }: CopiedEnv,
  services: readonly ServiceSpec[],
): string {
  const kinds = services.map(({ plugin }) => plugin);
  return [
    `${values.size} ${values.size === 1 ? 'variable is' : 'variables are'} copied from ${app}`,
    ...(leftOut.length === 0 ? [] : [`not ${leftOut.join(', ')}: the review app must not work on its data`]),
    ...(kinds.length === 0 ? [] : [`it gets its own ${kinds.join(' and ')} instead`]),
    ...(secrets.length === 0 ? [] : [describeSecrets(app, secrets)]),
  ].join('; ');
}

function describeSecrets(app: string, secrets: readonly string[]): string {
  const allow = `dokku config:set --no-restart ${app} ${inheritableKey}=${secrets.join(',')}`;
  return `not ${secrets.join(', ')}, which may be secret: who operates ${app} allows it with ${allow}`;
}
