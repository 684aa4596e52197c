import { type HostSetting, resolveAccess } from '../access/access.ts';
import type { Access } from '../access/access-types.ts';
import { readRemoteApp } from '../access/host-address.ts';
import type { JobInput } from '../environment/job-input.ts';
import type { Problem } from '../problems.ts';
import type { Context, Warning } from './context.ts';
import type { Flags } from './flags.ts';
import type { ConfigurationFile } from './project-files.ts';
import { type Resolver, resolveText } from './resolver.ts';

interface HostInput {
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

/** Returns how the host is configured: by DOKKU_GATE, which stands in front of it, else in the environment's block, else by DOKKU_HOST, else at the top level of the file. */
export function resolveHost(
  { jobInput }: Pick<HostInput, 'jobInput'>,
  block: { readonly host?: string | undefined },
  { configuration, path }: ConfigurationFile,
  resolver: Resolver,
): HostSetting | undefined {
  const { DOKKU_HOST: variable, DOKKU_GATE: gate } = jobInput.variables;
  if (gate !== undefined) return { where: 'DOKKU_GATE', text: gate };
  const template = block.host ?? (variable === undefined ? configuration.host : undefined);
  if (template === undefined)
    return variable === undefined ? undefined : { where: 'DOKKU_HOST', text: variable };
  const problemCount = resolver.problems.length;
  const text = resolveText(template, 'host', resolver);
  return { where: `${path}: host`, text: resolver.problems.length > problemCount ? undefined : text };
}

/** Returns the access to a host; undefined for a plan that is made without one. */
export async function resolveOptionalAccess(
  { flags, jobInput }: HostInput,
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

/** Warns if the URL of a git remote names an app too. A review app never has that name, but an environment's app might. */
export function checkRemoteApp(
  host: HostSetting | undefined,
  { app, target }: Pick<Context, 'app' | 'target'>,
  warnings: Warning[],
): void {
  const remoteApp = host?.text === undefined ? undefined : readRemoteApp(host.text);
  if (target === 'review' || remoteApp === undefined || remoteApp === app) return;
  warnings.push({
    about: host?.where ?? '',
    message: `the app ${remoteApp} in it is ignored: this run deploys to ${app} (set DOKKU_APP to choose another)`,
  });
}
