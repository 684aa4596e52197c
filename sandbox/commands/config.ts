import { fail, unknownFlag } from '../host/answers.ts';
import { changeEnv, restartWithEnv, setEnv } from '../host/app-env.ts';
import type { Call } from '../host/call.ts';
import { formatEnv, parseEnv } from '../host/envfile.ts';
import { guardEnv } from '../host/guard-env.ts';
import type { Plugin } from '../host/handler.ts';
import { quoteShell } from '../host/split-command.ts';
import { type TargetRequest, withTarget } from '../host/with-app.ts';
import { formats, pretty } from './config-formats.ts';

const showFlags = { switches: ['--merged'], refuse: refuseShowFlag };

const handlers: Plugin = {
  config: withTarget(show, showFlags),
  'config:show': withTarget(show, showFlags),
  'config:set': withTarget(set, { switches: ['--no-restart', '--encoded'], refuse: unknownFlag }),
  'config:import': withTarget(importAll, {
    switches: ['--no-restart', '--replace'],
    valued: ['--format'],
    refuse: unknownFlag,
  }),
  'config:unset': withTarget(unset, { switches: ['--no-restart'], refuse: unknownFlag }),
  'config:export': withTarget(exportAll, {
    switches: ['--merged'],
    valued: ['--format'],
    refuse: unknownFlag,
  }),
  'config:get': withTarget(get, { switches: ['--quoted'] }),
  'config:keys': withTarget(keys, { switches: ['--merged'] }),
  'config:clear': withTarget(clear, { switches: ['--no-restart'] }),
};

/** Dokku's config plugin. */
export const config: Plugin = Object.fromEntries(
  Object.entries(handlers).map(([name, handler]) => [name, guardEnv(handler)]),
);

const showUsage =
  "      --global   --global: use the global environment\n      --merged   --merged: display the app's environment merged with the global environment\n";

function refuseShowFlag(call: Call, flag: string): number {
  call.err(`Usage of ${call.command}:\n${showUsage}unknown flag: ${flag}\n`);
  return 2;
}

function show(request: TargetRequest): number {
  const { call, app } = request;
  const entries = entriesOf(request);
  if (!call.quiet) call.out(`=====> ${app.name} env vars\n`);
  call.out(entries.length === 0 ? '\n' : pretty(entries));
  return 0;
}

/** Returns an app's configuration sorted by key, with the global configuration under `--merged`. */
function entriesOf({ host, app, flags }: TargetRequest): [string, string][] {
  const global = flags.has('--merged') ? parseEnv(host.state.global.envFile) : [];
  return [...new Map([...global, ...parseEnv(app.envFile)])].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function set(request: TargetRequest): Promise<number> {
  const { call, rest: pairs, flags } = request;
  if (pairs.length === 0) return fail(call, 'At least one env pair must be given');
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const [key = '', value] = pair.split(/=(.*)/s);
    if (value === undefined) return fail(call, `Invalid env pair: ${pair}`);
    if (flags.has('--encoded') && !isBase64(value))
      return fail(call, `illegal base64 data at input byte ${badByte(value)} for key '${key}'`);
    values.set(key, flags.has('--encoded') ? Buffer.from(value, 'base64').toString() : value);
  }
  return store(request, values);
}

function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
}

/** Returns the offset at which Go's decoder stops: the first invalid character, or the start of an incomplete group. */
function badByte(text: string): number {
  const strange = text.search(/[^A-Za-z0-9+/=]/);
  return strange === -1 ? text.length - (text.replace(/=+$/, '').length % 4) : strange;
}

async function store(
  { call, host, app, flags }: TargetRequest,
  values: ReadonlyMap<string, string>,
): Promise<number> {
  const bad = [...values.keys()].find((key) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key));
  if (bad !== undefined) return fail(call, `Invalid key name: '${bad}'`);
  await setEnv(call, app, values);
  return flags.has('--no-restart') ? 0 : restartWithEnv(call, host, app);
}

async function importAll(request: TargetRequest): Promise<number> {
  const { call, app, rest, flags } = request;
  const format = flags.get('--format') ?? 'envfile';
  if (rest[0] !== '-')
    return fail(call, format === 'json' ? 'open : no such file or directory' : 'No config vars to set');
  const values = readImport(await call.read(), format);
  if (!call.quiet) {
    call.out('-----> Reading config vars from stdin\n');
    for (const [key, value] of values) call.out(`-----> Setting config var ${key}=${value}\n`);
  }
  if (flags.has('--replace')) app.envFile = formatEnv(new Map());
  return store(request, values);
}

function readImport(text: string, format: string): Map<string, string> {
  if (format !== 'json') return parseEnv(text);
  return new Map(
    Object.entries(JSON.parse(text) as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
  );
}

async function unset({ call, host, app, rest: keys, flags }: TargetRequest): Promise<number> {
  if (keys.length === 0) return fail(call, 'At least one key must be given');
  const change = (env: Map<string, string>): void => {
    for (const key of keys) {
      const was = env.delete(key);
      if (!call.quiet)
        call.out(
          was ? `-----> Unsetting ${key}\n` : `-----> Skipping ${key}, it is not set in the environment\n`,
        );
    }
  };
  await changeEnv(app, change, call.reach);
  return flags.has('--no-restart') ? 0 : restartWithEnv(call, host, app);
}

function exportAll(request: TargetRequest): number {
  const { call, app, flags } = request;
  const format = flags.get('--format') ?? 'exports';
  const write = formats[format];
  if (!write) return fail(call, `Unknown export format: ${format}`);
  call.out(write(entriesOf(request), app));
  return 0;
}

function get({ call, app, rest, flags }: TargetRequest): number {
  const [key, ...more] = rest;
  if (key === undefined) return fail(call, 'Expected: key');
  if (more.length > 0) return fail(call, `Unexpected argument(s): [${more.join(' ')}]`);
  const value = parseEnv(app.envFile).get(key);
  if (value === undefined) return 1;
  call.out(`${flags.has('--quoted') ? quoteShell(value) : value}\n`);
  return 0;
}

function keys(request: TargetRequest): number {
  for (const [key] of entriesOf(request)) request.call.out(`${key}\n`);
  return 0;
}

async function clear(request: TargetRequest): Promise<number> {
  const { call, host, app, flags } = request;
  for (const [key] of entriesOf(request)) call.out(`-----> Unsetting ${key}\n`);
  app.envFile = '';
  return flags.has('--no-restart') ? 0 : restartWithEnv(call, host, app);
}
