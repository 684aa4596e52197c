import { fail } from '../host/answers.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import { dokkuVersion, rootOnly } from './plugins.ts';

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

/** The commands that concern the host itself. */
export const hostCommands: Plugin = {
  version,
  '-v': version,
  cleanup: createTextHandler('-----> Cleaning up...\n'),
  events: doNothing,
  'events:list': (call) => {
    fail(call, 'Events logger disabled');
    return 0;
  },
  'ssh-keys:add': rootOnly,
  'ssh-keys:remove': rootOnly,
  'trace:off': createTextHandler('-----> Disabling trace mode\n'),
  'trace:on': createTextHandler('-----> Enabling trace mode\n'),
};

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
