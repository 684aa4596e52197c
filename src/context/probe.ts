import type { Access } from '../access/access-types.ts';
import { Secret } from '../secret.ts';
import { parseDuration } from './flags.ts';
import type { Probe } from './probe-types.ts';
import { type Resolver, resolveText } from './resolver.ts';
import type { ProbeEntry } from './schema.ts';

/** Seconds. After a deploy the host reloads its proxy, and the app may still be starting. */
const defaultSeconds = 20;
const maxSeconds = 3_600;

/** How an app is asked after a deploy by default. */
export const defaultProbe: Probe = {
  path: '/',
  status: 'serving',
  text: undefined,
  commit: undefined,
  seconds: defaultSeconds,
  connect: undefined,
  login: undefined,
  isStrict: false,
};

type Keys = Exclude<ProbeEntry, boolean>;

/** Returns one entry of several, the broadest first: a narrower one wins, key by key. `true` turns on what a broader one turned off. */
export function mergeProbes(levels: readonly (ProbeEntry | undefined)[]): ProbeEntry {
  const lastOff = levels.lastIndexOf(false);
  const keys = levels.slice(lastOff + 1).filter((level) => typeof level === 'object');
  const isOff = lastOff !== -1 && levels.slice(lastOff + 1).every((level) => level === undefined);
  return isOff ? false : Object.assign({}, ...keys);
}

/** Returns how the app is asked after a deploy; undefined if it is not. */
export function resolveProbe(
  entry: ProbeEntry,
  { access, basicAuth }: { readonly access: Access | undefined; readonly basicAuth: unknown },
  resolver: Resolver,
): Probe | undefined {
  if (entry === false) return undefined;
  const keys: Keys = entry === true ? {} : entry;
  const isStrict = [keys.path, keys.status, keys.text, keys.commit, keys.connect].some(
    (key) => key !== undefined,
  );
  const { path = '/', status, text, commit, within, connect } = keys;
  return {
    path: resolveText(path, 'probe.path', resolver),
    status: status === undefined ? chooseStatus(keys) : [status].flat(),
    text: text === undefined ? undefined : resolveText(text, 'probe.text', resolver),
    commit: commit === undefined ? undefined : commit.startsWith('/') ? { path: commit } : { header: commit },
    seconds: within === undefined ? defaultSeconds : resolveSeconds(within, resolver),
    connect: resolveConnect(connect, access, resolver),
    login: isStrict ? resolveLogin(basicAuth, resolver) : undefined,
    isStrict,
  };
}

/** Returns the login that `basic_auth` declares. The setting itself may have put the password into the vault already. */
function resolveLogin(entry: unknown, resolver: Resolver): Probe['login'] {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const [user, raw] = ['user', 'password'].map((key) => String(new Map(Object.entries(entry)).get(key)));
  const name = 'basic_auth.password';
  if (!resolver.vault.has(name))
    resolver.vault.set(name, new Secret(name, resolveText(raw ?? '', name, resolver)));
  return { user: resolveText(user ?? '', 'basic_auth.user', resolver), password: { secret: name } };
}

/** A page that was chosen for the purpose is expected to be there. */
function chooseStatus({ path, text }: Keys): Probe['status'] {
  return path === undefined && text === undefined ? 'serving' : 'success';
}

function resolveSeconds(within: string, { problems, path }: Resolver): number {
  const seconds = parseDuration(within);
  if (seconds !== undefined && seconds >= 1 && seconds <= maxSeconds) return seconds;
  problems.push({
    where: `${path}: probe.within`,
    message: `${JSON.stringify(within)} is not a duration from 1s to 1h`,
    remedy: 'Use 90s, 20m or 1h.',
  });
  return defaultSeconds;
}

function resolveConnect(
  connect: Keys['connect'],
  access: Access | undefined,
  resolver: Resolver,
): Probe['connect'] {
  if (connect === undefined || connect === false) return undefined;
  if (connect === true) return connectToHost(access, resolver);
  const text = resolveText(connect, 'probe.connect', resolver);
  const [, bracketed, plain, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined) return { host, port: port === undefined ? undefined : Number(port) };
  resolver.problems.push({
    where: `${resolver.path}: probe.connect`,
    message: `${JSON.stringify(text)} is not a host, or a host and a port`,
    remedy: 'Write a name or an address (192.0.2.1, or 192.0.2.1:8080), or true for the Dokku host.',
  });
  return undefined;
}

function connectToHost(access: Access | undefined, { problems, path }: Resolver): Probe['connect'] {
  if (!access?.gate) return access && { host: access.address.host, port: undefined };
  problems.push({
    where: `${path}: probe.connect`,
    message: 'true means the Dokku host, whose address a job behind a gate does not know',
    remedy: 'Write the address of the Dokku host.',
  });
  return undefined;
}
