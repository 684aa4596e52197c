import { fail, parseWords } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Plugin } from '../host/handler.ts';

/** The Dokku version whose recordings the sandbox is compared with. */
export const dokkuVersion = '0.38.27';

interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly isCore: boolean;
}

const coreNames =
  '00_dokku-standard 20_events app-json apps builder builder-dockerfile builder-herokuish builder-lambda builder-nixpacks builder-null builder-pack builder-railpack buildpacks builds caddy-vhosts certs checks common config cron docker-options domains enter git haproxy-vhosts logs network nginx-vhosts openresty-vhosts plugin ports proxy ps registry repo resource run scheduler scheduler-docker-local scheduler-k3s scheduler-null shell ssh-keys storage trace traefik-vhosts'.split(
    ' ',
  );

const coreDescriptions: Readonly<Record<string, string>> = {
  '00_dokku-standard': 'dokku core standard plugin',
  '20_events': 'dokku core events logging plugin',
  certs: 'dokku core certificate management plugin',
};

const otherPlugins: readonly InstalledPlugin[] = [
  {
    name: 'http-auth',
    version: '0.10.0',
    description: 'HTTP authentication for apps',
    isCore: false,
  },
  {
    name: 'letsencrypt',
    version: '0.25.1',
    description: "Automated installation of let's encrypt TLS certificates",
    isCore: false,
  },
  {
    name: 'maintenance',
    version: '0.10.1',
    description: 'Maintenance mode for apps',
    isCore: false,
  },
];

const serviceVersions: Readonly<Record<string, string>> = {
  mariadb: '1.45.2',
  mongo: '1.40.6',
  mysql: '1.44.3',
  postgres: '1.48.0',
  redis: '1.43.0',
};

/** Dokku's plugin plugin, for a host with these service plugins. */
export function pluginCommands(services: readonly string[]): Plugin {
  const plugins = listPlugins(services);
  return {
    'plugin:disable': rootOnly,
    'plugin:enable': rootOnly,
    'plugin:install': rootOnly,
    'plugin:install-dependencies': rootOnly,
    'plugin:installed': (call) => (plugins.some(({ name }) => name === call.words[0]) ? 0 : 1),
    'plugin:list': (call) => print(call, plugins),
    'plugin:uninstall': rootOnly,
    'plugin:update': rootOnly,
  };
}

/** Returns the plugins of a host, sorted by name. */
function listPlugins(services: readonly string[]): InstalledPlugin[] {
  const core = coreNames.map((name) => ({
    name,
    version: name === 'builds' ? '0.34.0' : dokkuVersion,
    description: coreDescriptions[name] ?? `dokku core ${name} plugin`,
    isCore: true,
  }));
  const databases = services.map((name) => ({
    name,
    version: serviceVersions[name] ?? '',
    description: `dokku ${name} service plugin`,
    isCore: false,
  }));
  return [...core, ...otherPlugins, ...databases].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Refuses a command that only root may run on the host itself. */
export function rootOnly(call: Call): number {
  return fail(call, 'This command must be run as root');
}

function print(call: Call, plugins: readonly InstalledPlugin[]): number {
  const format = parseWords(call.words, { valued: ['--format'] }).flags.get('--format') ?? 'stdout';
  if (format !== 'stdout' && format !== 'json')
    return fail(call, 'Invalid output format specified, supported formats: json, stdout');
  if (format === 'json') {
    const all = plugins.map(({ name, version, description, isCore }) => {
      const source = { source_url: '', committish: '', branch: '' };
      return { name, version, enabled: true, core: isCore, description, ...source };
    });
    call.out(`${JSON.stringify(all)}\n`);
    return 0;
  }
  for (const { name, version, description } of plugins)
    call.out(`  ${name.padEnd(20)} ${version} enabled    ${description}\n`);
  return 0;
}
