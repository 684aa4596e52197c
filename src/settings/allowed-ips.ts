import { z } from 'zod';
import type { Command } from '../dokku/command.ts';
import { addAllowedIp, disableHttpAuth, enableHttpAuth, removeAllowedIp } from '../dokku/http-auth.ts';
import { readAddress } from './addresses.ts';
import {
  type AppAccess,
  askAccess,
  httpAuthPlugin,
  openAccess,
  readAccess,
  writeRules,
} from './http-auth.ts';
import type { Change, Known, Setting, SettingResolver } from './setting.ts';

interface AllowedIps {
  readonly addresses: readonly string[];
  readonly isOptional: boolean;
}

const list = z.array(z.string({ error: 'expected a list of IP addresses' }).trim().min(1)).min(1);

const schema = z
  .union(
    [
      list,
      z.strictObject({
        addresses: list.describe('The addresses and networks.'),
        optional: z
          .literal(true)
          .optional()
          .describe('For review apps: true leaves it out on a host without the http-auth plugin.'),
      }),
    ],
    { error: 'expected a list of IP addresses and networks, or an object with addresses' },
  )
  .describe(
    'IP addresses and networks (10.0.0.0/8) that have access, exactly these (the http-auth plugin). All others get 403, or with basic_auth have to give the password. Can use the job’s $VARIABLES.',
  );

type Entry = z.infer<typeof schema>;

/** `allowed_ips`: the addresses that have access to an app. */
export const allowedIps: Setting<Entry, AllowedIps, AppAccess> = {
  key: 'allowed_ips',
  schema,
  resolve,
  plugin: ({ isOptional }) => httpAuthPlugin(isOptional),
  questions: askAccess,
  read: readAccess,
  declare: ({ isEnabled, addresses }) => (isEnabled && addresses.length > 0 ? [...addresses] : undefined),
  fresh: () => openAccess,
  changes: (app, current, declared, known) =>
    declared ? restrict(app, current, declared.addresses) : lift(app, current, known),
};

function resolve(entry: Entry, resolver: SettingResolver): AllowedIps {
  const isList = Array.isArray(entry);
  const at = isList ? '' : 'addresses.';
  const found = (isList ? entry : entry.addresses).flatMap((raw, index) => {
    const text = resolver.text(raw, `${at}${index}`);
    const address = readAddress(text);
    if (typeof address === 'string') return [address];
    // A variable that is missing is a problem already.
    if (!text.includes('$'))
      resolver.problem(`${at}${index}`, `${JSON.stringify(text)} ${address.message}`, address.remedy);
    return [];
  });
  return { addresses: [...new Set(found)], isOptional: !isList && entry.optional === true };
}

function restrict(app: string, current: AppAccess, addresses: readonly string[]): Change[] {
  const commands = [
    ...addresses.filter((one) => !current.addresses.includes(one)).map((one) => addAllowedIp(app, one)),
    ...current.addresses.filter((one) => !addresses.includes(one)).map((one) => removeAllowedIp(app, one)),
  ];
  const isEffective = addresses.every((one) => current.effective.includes(one));
  if (commands.length === 0 && isEffective) return [];
  return [
    {
      id: 'allowed-ips',
      title: `Set the addresses that have access to ${app}`,
      before: describeAddresses(current.effective),
      after: describeAddresses(addresses),
      commands: commands.length > 0 ? commands : applyStored(app, current),
      // So that a new app is never open.
      phase: 'before-deploy',
      effect: 'at-once',
      undo: undoChanges(app, current, addresses),
      repeat: 'an address that is stored is not stored again',
    },
  ];
}

/** Everything is stored, and the rules are not: they were disabled since. */
function applyStored(app: string, current: AppAccess): Command[] {
  return current.isEnabled ? writeRules(app) : [enableHttpAuth(app)];
}

function undoChanges(app: string, current: AppAccess, addresses: readonly string[]): Command[] {
  return [
    ...current.addresses.filter((one) => !addresses.includes(one)).map((one) => addAllowedIp(app, one)),
    ...addresses.filter((one) => !current.addresses.includes(one)).map((one) => removeAllowedIp(app, one)),
  ];
}

function describeAddresses(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'all' : addresses.join(', ');
}

function lift(app: string, current: AppAccess, known: Pick<Known, 'isDeclared'>): Change[] {
  const { addresses, effective, users, isEnabled } = current;
  if (addresses.length === 0 && effective.length === 0) return [];
  const asksForLogin = users.length > 0 || known.isDeclared('basic_auth');
  return [
    {
      id: 'allowed-ips',
      title: `Give all addresses access to ${app}`,
      before: describeAddresses(effective),
      after: 'all',
      commands: [
        ...addresses.map((one) => removeAllowedIp(app, one)),
        // The last removal has written the rules: those of a login, or some that let everyone in.
        ...(asksForLogin || (!isEnabled && addresses.length === 0) ? [] : [disableHttpAuth(app)]),
      ],
      phase: 'after-deploy',
      effect: 'at-once',
      repeat: 'only addresses that are stored are removed',
    },
  ];
}
