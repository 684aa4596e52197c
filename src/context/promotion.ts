import { resolveAccess } from '../access/access.ts';
import type { Access } from '../access/access-types.ts';
import { formatAddress } from '../access/host-address.ts';
import type { JobInput } from '../environment/job-input.ts';
import { resolveEnvironmentApp } from './app-name.ts';
import type { Promotion } from './context.ts';
import { findEnvironmentBlock } from './environment.ts';
import type { Flags } from './flags.ts';
import { resolveHost } from './host.ts';
import { slugify } from './name-rules.ts';
import type { ConfigurationFile } from './project-files.ts';
import type { Resolver } from './resolver.ts';

interface PromotionInput {
  readonly flags: Flags;
  readonly jobInput: JobInput;
}

/** What the promotion goes to. */
interface PromotionTarget extends Pick<ConfigurationFile, 'configuration' | 'path'> {
  readonly app: string;
  readonly access: Access | undefined;
}

/**
 * Returns what `promote` takes the code from; undefined for any other command. Adds a problem if it is the app that it goes to.
 */
export async function resolvePromotion(
  { flags, jobInput }: PromotionInput,
  to: PromotionTarget,
  resolver: Resolver,
): Promise<Promotion | undefined> {
  const { from: environment, fromApp, commit } = flags;
  if (environment === undefined) return undefined;
  const { configuration, path, access } = to;
  const variables = { CI_ENVIRONMENT_NAME: environment, CI_ENVIRONMENT_SLUG: slugify(environment) };
  const own = { ...resolver, env: { ...resolver.env, ...variables } };
  const block = findEnvironmentBlock(
    configuration,
    { command: 'promote', environment, hasApp: fromApp !== undefined },
    own,
  );
  const template = block.app ?? configuration.app;
  const app = resolveEnvironmentApp({ flags: { app: fromApp }, jobInput, environment, template }, own);
  if (access !== undefined) {
    const host = resolveHost({ jobInput }, block, { configuration, path }, own);
    const source = await resolveAccess(jobInput, host, resolver.problems);
    if (source !== undefined && formatAddress(source.address) !== formatAddress(access.address))
      return { environment, app, access: source, commit };
  }
  if (app === to.app) refuseSameApp(app, flags, resolver);
  return { environment, app, access: undefined, commit };
}

function refuseSameApp(app: string, { from, environment }: Flags, { problems }: Resolver): void {
  problems.push({
    where: 'promote',
    message: `${from} and ${environment} are the same app, ${app}`,
    remedy:
      'Give each environment its own app: in environments of .dokku-deploy.yml (app), or with --from-app and --app. DOKKU_APP is for one environment only.',
  });
}
