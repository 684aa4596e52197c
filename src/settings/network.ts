import { z } from 'zod';
import { createNetwork, listNetworks } from '../dokku/networks.ts';
import type { PropertyValues } from './properties.ts';
import { declaredValues, propertySetting } from './property-setting.ts';
import { readColumn } from './report.ts';
import type { Change, Setting, SettingResolver } from './setting.ts';

const text = z.string().trim().min(1);

const schema = z
  .strictObject({
    attach_post_create: text
      .optional()
      .describe('A network that the containers join before they start, besides Docker’s own.'),
    attach_post_deploy: text
      .optional()
      .describe('A network that the containers join once they have passed their checks.'),
    initial_network: text.optional().describe('The network that the containers start in, instead of bridge.'),
    tld: text
      .optional()
      .describe('The domain of the containers’ names in these networks: <app>.<process>.<tld>.'),
    bind_all_interfaces: z
      .boolean()
      .optional()
      .describe('Whether the app’s port is open on all interfaces of the host. Default: false'),
  })
  .describe(
    'The networks of the app’s containers. A network that the host lacks is created, since deploys into a missing one fail; none is ever removed. Counts from the next deploy.',
  );

type NetworkEntry = z.infer<typeof schema>;

/** The parts that name a network. */
const networkParts = ['attach_post_create', 'attach_post_deploy', 'initial_network'] as const;

const labels = {
  attach_post_create: 'network that containers join first',
  attach_post_deploy: 'network that checked containers join',
  initial_network: 'network that containers start in',
  tld: 'domain of container names',
  bind_all_interfaces: 'binding to all interfaces',
};

const properties = propertySetting<NetworkEntry>({
  key: 'network',
  schema,
  properties: Object.entries(labels).map(([part, label]) => ({
    part,
    plugin: 'network',
    property: part.replaceAll('_', '-'),
    label,
    effect: 'next-deploy',
  })),
  resolve,
});

interface AppNetworks {
  readonly values: PropertyValues;
  /** The networks of the host; undefined if they are not known, for an app that does not exist yet. */
  readonly networks: readonly string[] | undefined;
}

/** `network`: the networks of the app's containers. */
export const network: Setting<NetworkEntry, PropertyValues, AppNetworks> = {
  ...properties,
  questions: (app, declared) => [...properties.questions(app, declared), listNetworks()],
  read: (answers, app) => ({
    values: properties.read(answers.slice(0, -1), app),
    networks: readColumn(answers.at(-1), listNetworks(), 'Name'),
  }),
  declare: ({ values }) => properties.declare(values),
  fresh: (app) => ({ values: properties.fresh(app), networks: undefined }),
  changes: (app, { values, networks }, declared, known) => [
    ...createMissing(networks, declared),
    ...properties.changes(app, values, declared, known),
  ],
};

function resolve(entry: NetworkEntry, resolver: SettingResolver): PropertyValues | undefined {
  const names = networkParts.map((part) => [part, resolveNetwork(entry[part], part, resolver)] as const);
  return declaredValues({
    ...Object.fromEntries(names),
    tld: resolveTld(entry.tld, resolver),
    bind_all_interfaces: entry.bind_all_interfaces?.toString(),
  });
}

function resolveNetwork(raw: string | undefined, at: string, resolver: SettingResolver): string | undefined {
  if (raw === undefined) return undefined;
  const name = resolver.text(raw, at).trim();
  if (!name.includes('$') && !/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
    resolver.problem(
      at,
      `${JSON.stringify(name)} is not the name of a network`,
      'Names have letters, digits, dots, dashes and underscores. Write one; Dokku attaches no others.',
    );
  return name;
}

function resolveTld(raw: string | undefined, resolver: SettingResolver): string | undefined {
  if (raw === undefined) return undefined;
  const tld = resolver.text(raw, 'tld').trim().toLowerCase();
  if (!tld.includes('$') && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(tld))
    resolver.problem('tld', `${JSON.stringify(tld)} is not a domain`, 'Write it as in internal.');
  return tld;
}

/** A network that exists already is refused by Docker, and counts as created. */
function createMissing(
  networks: readonly string[] | undefined,
  declared: PropertyValues | undefined,
): Change[] {
  const wanted = new Set(networkParts.flatMap((part) => declared?.[part] ?? []));
  const missing = [...wanted].filter((name) => !builtIn.includes(name) && !networks?.includes(name));
  return missing.map((name, index) => ({
    id: `network-create-${index + 1}`,
    title: `Create the network ${name}`,
    before: networks === undefined ? 'not known' : 'none',
    after: name,
    commands: [createNetwork(name)],
    phase: 'before-deploy',
    effect: 'next-deploy',
    repeat: 'a network of that name is left as it is',
  }));
}

/** The networks that every Docker host has. */
const builtIn: readonly string[] = ['bridge', 'host', 'none'];
