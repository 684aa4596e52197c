import { fail, findTarget, type Sorted, sortWords, unknownFlag } from '../host/answers.ts';
import { changeEnv, tellSet } from '../host/app-env.ts';
import type { Call } from '../host/call.ts';
import { readEnv, UnreadableEnv, writeEnv } from '../host/envfile.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { shellQuoted } from '../host/words.ts';
import { formats, pretty } from './config-formats.ts';

const guarded =
  (handler: Handler): Handler =>
  async (call, host) => {
    try {
      return await handler(call, host);
    } catch (error) {
      if (error instanceof UnreadableEnv) return fail(call, error.message);
      throw error;
    }
  };

const restartIfNeeded = async (
  call: Call,
  host: SandboxHost,
  app: App,
  noRestart: boolean,
): Promise<number> => {
  if (noRestart || !app.deployed) return 0;
  if (!call.quiet) call.out(`-----> Restarting app ${app.name}\n`);
  return host.release(app, { out: call.out, source: 'config-redeploy', from: 'release' });
};

const store = async (call: Call, host: SandboxHost, { app, values, noRestart }: Writing): Promise<number> => {
  const bad = [...values.keys()].find((key) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key));
  if (bad !== undefined) return fail(call, `Invalid key name: '${bad}'`);
  await changeEnv(app, (env) => {
    for (const [key, value] of values) env.set(key, value);
  });
  tellSet(call, values);
  return restartIfNeeded(call, host, app, noRestart);
};

interface Writing {
  readonly app: App;
  readonly values: ReadonlyMap<string, string>;
  readonly noRestart: boolean;
}

const isBase64 = (text: string): boolean =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);

/** Where Go's decoder stops: at the first strange character, or at the start of a group that is not whole. */
const badByte = (text: string): number => {
  const strange = text.search(/[^A-Za-z0-9+/=]/);
  return strange === -1 ? text.length - (text.replace(/=+$/, '').length % 4) : strange;
};

const set: Handler = async (call, host) => {
  const sorted = sortWords(call.words, {
    switches: ['--no-restart', '--encoded', '--global'],
  });
  if (sorted.unknown) return unknownFlag(call, sorted.unknown);
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const { app, rest } = found;
  const { flags } = sorted;
  const pairs = rest;
  if (pairs.length === 0) return fail(call, 'At least one env pair must be given');
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const [key = '', value] = pair.split(/=(.*)/s);
    if (value === undefined) return fail(call, `Invalid env pair: ${pair}`);
    if (flags.has('--encoded') && !isBase64(value))
      return fail(call, `illegal base64 data at input byte ${badByte(value)} for key '${key}'`);
    values.set(key, flags.has('--encoded') ? Buffer.from(value, 'base64').toString() : value);
  }
  return store(call, host, { app, values, noRestart: flags.has('--no-restart') });
};

const readImport = (text: string, format: string): Map<string, string> => {
  if (format !== 'json') return readEnv(text);
  return new Map(
    Object.entries(JSON.parse(text) as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
  );
};

const importAll: Handler = async (call, host) => {
  const sorted = sortWords(call.words, {
    switches: ['--no-restart', '--replace', '--global'],
    valued: ['--format'],
  });
  if (sorted.unknown) return unknownFlag(call, sorted.unknown);
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const { app, rest } = found;
  const { flags } = sorted;
  const format = flags.get('--format') ?? 'envfile';
  if (rest[0] !== '-')
    return fail(call, format === 'json' ? 'open : no such file or directory' : 'No config vars to set');
  const values = readImport(await call.read(), format);
  if (!call.quiet) {
    call.out('-----> Reading config vars from stdin\n');
    for (const [key, value] of values) call.out(`-----> Setting config var ${key}=${value}\n`);
  }
  if (flags.has('--replace')) app.envFile = writeEnv(new Map());
  return store(call, host, { app, values, noRestart: flags.has('--no-restart') });
};

const unset: Handler = async (call, host) => {
  const sorted = sortWords(call.words, { switches: ['--no-restart', '--global'] });
  if (sorted.unknown) return unknownFlag(call, sorted.unknown);
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const { app, rest } = found;
  const { flags } = sorted;
  const keys = rest;
  if (keys.length === 0) return fail(call, 'At least one key must be given');
  await changeEnv(app, (env) => {
    for (const key of keys) {
      const was = env.delete(key);
      if (!call.quiet)
        call.out(
          was ? `-----> Unsetting ${key}\n` : `-----> Skipping ${key}, it is not set in the environment\n`,
        );
    }
  });
  return restartIfNeeded(call, host, app, flags.has('--no-restart'));
};

const entriesOf = (app: App, { flags }: Sorted, { state }: SandboxHost): [string, string][] => {
  const global = flags.has('--merged') ? readEnv(state.global.envFile) : [];
  return [...new Map([...global, ...readEnv(app.envFile)])].sort(([a], [b]) => (a < b ? -1 : 1));
};

const exportAll: Handler = (call, host) => {
  const sorted = sortWords(call.words, {
    switches: ['--merged', '--global'],
    valued: ['--format'],
  });
  if (sorted.unknown) return unknownFlag(call, sorted.unknown);
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const { app } = found;
  const { flags } = sorted;
  const format = flags.get('--format') ?? 'exports';
  const write = formats[format];
  if (!write) return fail(call, `Unknown export format: ${format}`);
  call.out(write(entriesOf(app, sorted, host), app));
  return 0;
};

const showUsage =
  "      --global   --global: use the global environment\n      --merged   --merged: display the app's environment merged with the global environment\n";

const show: Handler = (call, host) => {
  const sorted = sortWords(call.words, { switches: ['--merged', '--global'] });
  if (sorted.unknown) {
    call.err(`Usage of ${call.command}:\n${showUsage}unknown flag: ${sorted.unknown}\n`);
    return 2;
  }
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const entries = entriesOf(found.app, sorted, host);
  if (!call.quiet) call.out(`=====> ${found.app.name} env vars\n`);
  call.out(entries.length === 0 ? '\n' : pretty(entries));
  return 0;
};

const get: Handler = (call, host) => {
  const sorted = sortWords(call.words, { switches: ['--quoted', '--global'] });
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const [key, ...more] = found.rest;
  if (key === undefined) return fail(call, 'Expected: key');
  if (more.length > 0) return fail(call, `Unexpected argument(s): [${more.join(' ')}]`);
  const value = readEnv(found.app.envFile).get(key);
  if (value === undefined) return 1;
  call.out(`${sorted.flags.has('--quoted') ? shellQuoted(value) : value}\n`);
  return 0;
};

const keys: Handler = (call, host) => {
  const sorted = sortWords(call.words, { switches: ['--merged', '--global'] });
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  for (const [key] of entriesOf(found.app, sorted, host)) call.out(`${key}\n`);
  return 0;
};

const clear: Handler = async (call, host) => {
  const sorted = sortWords(call.words, { switches: ['--no-restart', '--global'] });
  const found = findTarget(call, host, sorted);
  if (typeof found === 'number') return found;
  const { app } = found;
  for (const [key] of entriesOf(app, { ...sorted, flags: new Map() }, host))
    call.out(`-----> Unsetting ${key}\n`);
  app.envFile = '';
  return restartIfNeeded(call, host, app, sorted.flags.has('--no-restart'));
};

const handlers: Plugin = {
  config: show,
  'config:show': show,
  'config:set': set,
  'config:import': importAll,
  'config:unset': unset,
  'config:export': exportAll,
  'config:get': get,
  'config:keys': keys,
  'config:clear': clear,
};

/** Dokku's config plugin. */
export const config: Plugin = Object.fromEntries(
  Object.entries(handlers).map(([name, handler]) => [name, guarded(handler)]),
);
