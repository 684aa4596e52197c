import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParsedKey } from 'ssh2';
import { createAuthority } from './authority/authority.ts';
import { commandTable } from './commands/table.ts';
import { createFaults, type Faults } from './faults.ts';
import type { SandboxState } from './host/state.ts';
import type { Journal } from './journal.ts';
import { createMachine, type MachineOptions } from './machine.ts';
import { findSite } from './nginx/find-site.ts';
import { deployPace, lookUpPace } from './pace.ts';
import { guardFolder } from './process-guard.ts';
import { type FindApp, startRouter } from './router.ts';
import { startServer } from './server.ts';
import { defaultServices } from './services/service-types.ts';

/** The options of a sandbox. Each has a default. */
export interface SandboxOptions {
  readonly port?: number | undefined;
  readonly webPort?: number | undefined;
  readonly domain?: string | undefined;
  /** A folder given here is kept at the end; the default is a temporary one, which is removed. */
  readonly folder?: string | undefined;
  readonly services?: readonly string[] | undefined;
  readonly latency?: number | undefined;
  /** `recorded`: each command takes as long as it took on a real host. */
  readonly pace?: 'recorded' | undefined;
  /** The PATH on which the programs of apps are found. */
  readonly path?: string | undefined;
  /** Variables for builds only: how this machine reaches its package registry. */
  readonly buildEnv?: Readonly<Record<string, string>> | undefined;
  readonly now?: (() => number) | undefined;
  /** How long a web process may take to listen, in milliseconds. */
  readonly startTimeout?: number | undefined;
  /** Gives the host a certificate authority, so that `letsencrypt:enable` succeeds. */
  readonly authority?: boolean | undefined;
  /** Additional public keys that may log in, in OpenSSH format. */
  readonly authorizedKeys?: readonly string[] | undefined;
  /** The types of host key to generate. */
  readonly hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[] | undefined;
}

/** A running sandbox. */
export interface Sandbox extends AsyncDisposable {
  readonly port: number;
  readonly webPort: number;
  readonly folder: string;
  readonly privateKey: string;
  /** One line of known_hosts for each host key. */
  readonly knownHosts: string;
  /** The variables that a deploy job needs. */
  readonly env: Readonly<Record<'DOKKU_HOST' | 'SSH_PRIVATE_KEY' | 'SSH_KNOWN_HOSTS', string>>;
  readonly state: SandboxState;
  readonly journal: Journal;
  readonly faults: Faults;
}

/** Starts a sandbox on the loopback interface. Disposing it stops its apps, databases and connections, and removes its folder. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'dokku-sandbox-')));
  if (options.folder === undefined) guardFolder(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const login = await makeKey('ed25519');
  const hostKeys = await Promise.all((options.hostKeyTypes ?? ['ed25519']).map(makeKey));
  const journal: Journal = { connections: 0, commands: [] };
  const faults = createFaults();
  let webPort = 0;
  const machine = createMachine({ ...machineOptions(options), folder, webPort: () => webPort });
  if (options.authority) machine.state.authority = createAuthority((options.now ?? Date.now)());
  const find: FindApp = (name) => {
    const site = findSite(machine.state.sites, name);
    const app = site && machine.state.apps.get(site.app);
    return app && { app, site };
  };
  const router = await startRouter(find, options.webPort ?? 0);
  webPort = router.port;
  const authorized = await parseKeys([login.public, ...(options.authorizedKeys ?? [])]);
  const server = await startServer(
    {
      machine,
      table: commandTable(options.services ?? defaultServices),
      journal,
      faults,
      hostKeys: hostKeys.map((key) => key.private),
      authorized,
      latency: options.latency ?? 0,
      pace: options.pace === 'recorded' ? lookUpPace : () => 0,
    },
    options.port ?? 0,
  );
  const knownHosts = hostKeys
    .map((key) => `[127.0.0.1]:${server.port} ${key.public.split(' ').slice(0, 2).join(' ')}\n`)
    .join('');
  return {
    port: server.port,
    webPort,
    folder,
    privateKey: login.private,
    knownHosts,
    env: {
      DOKKU_HOST: `127.0.0.1:${server.port}`,
      SSH_PRIVATE_KEY: login.private,
      SSH_KNOWN_HOSTS: knownHosts,
    },
    state: machine.state,
    journal,
    faults,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await machine.close();
      await router.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const keyOptions = { rsa: { bits: 2_048 }, ecdsa: { bits: 256 }, ed25519: {} } as const;

async function makeKey(type: keyof typeof keyOptions): Promise<{ private: string; public: string }> {
  const { utils } = (await import('ssh2')).default;
  for (;;) {
    const pair = utils.generateKeyPairSync(type as 'rsa', { ...keyOptions[type] } as { bits: number });
    // ssh2 1.17 generates a malformed Ed25519 pair about once in several hundred: try again.
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function machineOptions({ pace, ...options }: SandboxOptions): Omit<MachineOptions, 'folder' | 'webPort'> {
  const isPaced = pace === 'recorded';
  return {
    domain: options.domain ?? 'localhost',
    now: options.now ?? Date.now,
    path: options.path ?? '/usr/local/bin:/usr/bin:/bin',
    startTimeout: options.startTimeout ?? (isPaced ? 0 : 30_000),
    second: isPaced ? 1_000 : fastSecond,
    buildEnv: options.buildEnv ?? {},
    deployPace: isPaced ? deployPace : 0,
  };
}

/** Without a pace, the checks of new processes don't wait as long as Dokku's, in milliseconds for a second. */
const fastSecond = 100;

async function parseKeys(publicKeys: readonly string[]): Promise<ParsedKey[]> {
  const { utils } = (await import('ssh2')).default;
  return publicKeys.map((text) => {
    const key = utils.parseKey(text);
    if (key instanceof Error) throw key;
    return key;
  });
}
