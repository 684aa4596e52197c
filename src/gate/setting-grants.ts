import { matchesGlob } from '../context/glob.ts';
import type { Match } from './match.ts';
import type { SettingPolicy } from './policy-schema.ts';
import { grantableSettings, type SettingName } from './setting-names.ts';
import type { ValueName } from './values.ts';

/** Which declared settings of an app a job may change, and to what. Patterns have the app’s name instead of `$APP`. */
export interface SettingGrants {
  readonly names: ReadonlySet<string>;
  readonly domains: readonly string[];
  readonly storage: readonly string[];
  readonly networks: readonly string[];
  readonly dockerOptions: readonly string[];
  /** Storage and networks that the policy lists for environments: none is the app’s because of its name. */
  readonly foreign: ReadonlySet<string>;
}

/** What an app gets that may only be read. */
export const noSettings: SettingGrants = {
  names: new Set(),
  domains: [],
  storage: [],
  networks: [],
  dockerOptions: [],
  foreign: new Set(),
};

/** Returns what a policy grants for an app. */
export function grantSettings(
  policy: SettingPolicy,
  app: string,
  reserved: ReadonlySet<string> = new Set(),
): SettingGrants {
  const expand = (patterns: readonly string[] = []) => patterns.map((one) => one.replaceAll('$APP', app));
  const { settings = ['default'] } = policy;
  const domains = expand(policy.domains).map((domain) => domain.toLowerCase());
  const lists = { storage: policy.storage, network: policy.networks, docker_options: policy.docker_options };
  const names = settings.flatMap((name) => (name === 'default' ? defaults : [name]));
  const listed = Object.entries(lists).flatMap(([name, list]) => (list?.length ? [name] : []));
  return {
    names: new Set([...names, ...(domains.length > 0 ? ['domains'] : []), ...listed]),
    domains,
    storage: expand(policy.storage),
    networks: expand(policy.networks),
    dockerOptions: expand(policy.docker_options),
    // What is listed as it is may be shared.
    foreign: reserved.difference(new Set([...(policy.storage ?? []), ...(policy.networks ?? [])])),
  };
}

const defaults = grantableSettings.filter(({ grant }) => grant === 'default').map(({ name }) => name);

/** Returns why a command does not change a setting as it was granted; undefined if it may. */
export function checkSetting(
  app: string,
  granted: SettingGrants,
  { rule, words }: Match,
): string | undefined {
  const { settings } = rule;
  if (settings !== undefined && !settings.some((name) => granted.names.has(name)))
    return describeMissing(app, settings);
  const find = (...names: ValueName[]) =>
    words.find(({ value }) => value !== undefined && names.includes(value))?.word;
  const source = find('ENTRY') ?? find('BIND')?.split(':')[0];
  if (source !== undefined && !mayMount(granted, source))
    return `the policy does not list ${source} in storage for ${app}`;
  const network = find('NETWORK');
  if (network !== undefined && (granted.foreign.has(network) || !matchesAny(granted.networks, network)))
    return `the policy does not list ${network} in networks for ${app}`;
  const option = find('OPTION');
  if (option !== undefined && !matchesAny(granted.dockerOptions, option))
    return `the policy does not list ${option} in docker_options for ${app}`;
  const domain = words.find(({ value, word }) => value === 'DOMAIN' && !mayHaveDomain(app, granted, word));
  if (domain !== undefined && settings?.includes('domains'))
    return `the policy does not list ${domain.word} in domains for ${app}`;
  return undefined;
}

const lists: ReadonlyMap<SettingName, string> = new Map([
  ['storage', 'storage'],
  ['network', 'networks'],
  ['docker_options', 'docker_options'],
]);

function describeMissing(app: string, settings: readonly SettingName[]): string {
  const [first] = settings;
  const list = first && lists.get(first);
  return list === undefined
    ? `the policy does not grant the setting ${settings.join(' or ')} for ${app}`
    : `the policy has no ${list} for ${app}`;
}

function mayMount({ storage, foreign }: SettingGrants, source: string): boolean {
  return !foreign.has(source) && storage.some((pattern) => matchesSource(pattern, source));
}

/** A pattern never matches a folder: in one that an app writes to, it could make a link to any other. */
function matchesSource(pattern: string, source: string): boolean {
  return source.startsWith('/') ? pattern === source : matchesGlob(pattern, source);
}

function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesGlob(pattern, text));
}

/** Whether a name is listed, or may be a default one. The host knows its own domain: the rest is checked there. */
function mayHaveDomain(app: string, { domains }: SettingGrants, domain: string): boolean {
  return domain === app || domain.startsWith(`${app}.`) || matchesAny(domains, domain);
}
