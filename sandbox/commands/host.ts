import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';

/** The Dokku version whose recordings the sandbox is compared with. */
export const dokkuVersion = '0.38.27';

/** Returns the `help` command for a host with these commands. It lists the plugins' names without Dokku's descriptions. */
export function helpFor(commands: readonly string[]): Handler {
  const plugins = [...new Set(commands.map((command) => command.split(':')[0] as string))].sort();
  return (call) => {
    call.out(
      'Usage: dokku [--quiet|--trace|--force|--app <app>] COMMAND <app> [command-specific-options]\n\n',
    );
    for (const plugin of plugins) if (!plugin.startsWith('-')) call.out(`    ${plugin}\n`);
    return 0;
  };
}

/** Dokku's core plugins, as `plugin:list` and `help` name them. */
const corePlugins =
  '00_dokku-standard 20_events app-json apps builder builder-dockerfile builder-herokuish builder-lambda builder-nixpacks builder-null builder-pack builder-railpack buildpacks builds caddy-vhosts certs checks common config cron docker-options domains enter git haproxy-vhosts logs network nginx-vhosts openresty-vhosts plugin ports proxy ps registry repo resource run scheduler scheduler-docker-local scheduler-k3s scheduler-null shell ssh-keys storage trace traefik-vhosts'.split(
    ' ',
  );

/** The commands that concern the host itself. */
export function hostCommands(services: readonly string[]): Plugin {
  return {
    version,
    '-v': version,
    cleanup: createTextHandler('-----> Cleaning up...\n'),
    events: doNothing,
    'events:list': (call) => {
      fail(call, 'Events logger disabled');
      return 0;
    },
    'plugin:disable': rootOnly,
    'plugin:enable': rootOnly,
    'plugin:install': rootOnly,
    'plugin:install-dependencies': rootOnly,
    'plugin:installed': (call) =>
      services.includes(call.words[0] ?? '') || corePlugins.includes(call.words[0] ?? '') ? 0 : 1,
    'plugin:list': list(services),
    'plugin:uninstall': rootOnly,
    'plugin:update': rootOnly,
    'registry:login': (call) => {
      const server = call.words.find((word) => !word.startsWith('-')) ?? '';
      if (server === '') return fail(call, 'Missing server argument');
      fail(call, 'Deprecated: please use --global flag for global registry login');
      call.err(
        ` !     Unable to run docker login: Error response from daemon: Get "https://${server}/v2/": dial tcp: lookup ${server}: no such host\n\n`,
      );
      return 1;
    },
    'registry:logout': (call) => (call.words.length === 0 ? fail(call, 'Missing server argument') : 0),
    'ssh-keys:add': rootOnly,
    'ssh-keys:remove': rootOnly,
    'trace:off': createTextHandler('-----> Disabling trace mode\n'),
    'trace:on': createTextHandler('-----> Enabling trace mode\n'),
  };
}

function version(call: Call): number {
  call.out(`dokku version ${dokkuVersion}\n`);
  return 0;
}

function createTextHandler(text: string): Handler {
  return (call) => {
    call.out(text);
    return 0;
  };
}

function doNothing(): number {
  return 0;
}

function rootOnly(call: Call): number {
  return fail(call, 'This command must be run as root');
}

const about: Readonly<Record<string, string>> = {
  '00_dokku-standard': 'dokku core standard plugin',
  '20_events': 'dokku core events logging plugin',
  certs: 'dokku core certificate management plugin',
};

const versions: Readonly<Record<string, string>> = { builds: '0.34.0' };

const serviceVersions: Readonly<Record<string, string>> = {
  mariadb: '1.45.2',
  mongo: '1.40.6',
  mysql: '1.44.3',
  postgres: '1.48.0',
  redis: '1.43.0',
};

function list(services: readonly string[]): Handler {
  return (call) => {
    for (const name of [...corePlugins, ...services].sort()) {
      const own = services.includes(name);
      const number = own ? (serviceVersions[name] ?? '') : (versions[name] ?? dokkuVersion);
      const text = own ? `dokku ${name} service plugin` : (about[name] ?? `dokku core ${name} plugin`);
      call.out(`  ${name.padEnd(20)} ${number} enabled    ${text}\n`);
    }
    return 0;
  };
}
