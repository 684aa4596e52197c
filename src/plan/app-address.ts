import { hostStandIn } from '../context/app-address.ts';
import type { Context } from '../context/context.ts';
import { defaultDomains, reportGlobalDomains } from '../dokku/app-settings.ts';
import { refusedError } from '../dokku/refusal-errors.ts';
import { readGlobalDomains } from '../dokku/reports.ts';
import { DeployError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { HostState } from './host-state.ts';
import type { Question } from './question.ts';
import { listAppSettings } from './setting-state.ts';

/** Returns the question about the domains of the host; none if no value contains the app's address. */
export function addressQuestions({ addressValues }: Context): Question[] {
  if (addressValues.length === 0) return [];
  const command = reportGlobalDomains();
  return [
    {
      command,
      read: (answer) => {
        if (answer.kind === 'answered') return { globalDomains: readGlobalDomains(answer.stdout) };
        throw refusedError(command, answer);
      },
    },
  ];
}

/**
 * Returns the context with the app's host in the values that contain it. For a host that was not asked, it has a note instead.
 *
 * Throws `configuration` if the app has no domain, and gets none.
 */
export function addAppAddress(context: Context, hostState: HostState): Context {
  const { addressValues, notes } = context;
  const { globalDomains } = hostState;
  if (addressValues.length === 0) return context;
  if (globalDomains === undefined) return { ...context, notes: [...notes, describeUnknown(context)] };
  const host = findAppHost(context, globalDomains, hostState);
  if (host === undefined) throw noDomainError(context, globalDomains);
  const vault = new Map(context.vault);
  for (const { secret: name } of addressValues) {
    const secret = vault.get(name);
    if (secret === undefined) throw new Error(`${name} is not in the vault`);
    const { isPublic } = secret;
    vault.set(name, new Secret(name, secret.reveal().replaceAll(hostStandIn, host), { isPublic }));
  }
  return { ...context, vault };
}

function describeUnknown({ app, addressValues }: Context): string {
  const places = addressValues.map(({ where }) => where).join(', ');
  return `${places}: the address of ${app} is known only to the host, which was not asked`;
}

/** The default domain, unless someone has given other ones to the app. Domains that the file declared before are removed by this run. */
function findAppHost(
  context: Context,
  globalDomains: readonly string[],
  hostState: HostState,
): string | undefined {
  const [byDefault] = defaultDomains(context.app, globalDomains);
  const { app = 'absent', domains } = hostState;
  const isReset = listAppSettings(context, hostState).some(({ setting }) => setting.key === 'domains');
  if (app === 'absent' || domains === undefined || isReset) return byDefault;
  const own = domains.map((domain) => domain.toLowerCase()).filter((domain) => !domain.startsWith('*'));
  return own.find((domain) => domain === byDefault) ?? own[0];
}

function noDomainError({ app, addressValues }: Context, globalDomains: readonly string[]): DeployError {
  const hasDefault = defaultDomains(app, globalDomains).length > 0;
  return new DeployError('configuration', {
    message: hasDefault
      ? `The app ${app} has no domain, so its address is not known.`
      : `The host has no global domain, so the address of ${app} is not known.`,
    said: addressValues.map(({ where }) => where),
    remedy: `Declare domains in .dokku-deploy.yml, or once on the host: ${hasDefault ? `dokku domains:reset ${app}` : 'dokku domains:set-global dokku.example.com'}`,
  });
}
