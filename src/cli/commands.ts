import type { CommandName } from '../context/target.ts';
import type { World } from '../world.ts';
import type { CliCommand, CommandArguments, Flag } from './command.ts';

const app: Flag = { name: 'app', value: 'name', about: 'take this name for the app' };
const config: Flag = { name: 'config', value: 'file', about: 'read this file instead of .dokku-deploy.yml' };

const formats = ['text', 'json'];

const outputFlags: readonly Flag[] = [
  { name: 'dry-run', about: 'print what would be done on the host as it is, and change nothing' },
  { name: 'offline', about: 'with --dry-run: ask no host, and plan for an empty one' },
  { name: 'exit-code', about: 'with --dry-run: exit 10 when there is something to do' },
  { name: 'format', value: 'form', choices: formats, about: 'how the result is written on standard output' },
  { name: 'log-format', value: 'form', choices: formats, about: 'how the story is told on standard error' },
];

const artifactFlags: readonly Flag[] = [
  {
    name: 'dotenv',
    value: 'file',
    about:
      'path of the dotenv report (default: dokku-deploy.env in a CI job, no file elsewhere; `none` for no file)',
  },
  {
    name: 'facts',
    value: 'file',
    about:
      'path of the JSON facts of the run (default: deploy.json in a CI job, no file elsewhere; `none` for no file)',
  },
  { name: 'strict', about: 'exit 1 when a report or a notice could not be delivered' },
];

const shipFlags: readonly Flag[] = [
  { name: 'rebuild', about: 'build again when the host has the commit already' },
  {
    name: 'wait',
    value: 'time',
    about: 'how long to wait for another deploy of the app, e.g. 90s or 20m (default: 15m)',
  },
];

/** Every command, in the order of the help page. */
export const commands: readonly CliCommand[] = [
  {
    words: ['review', 'start'],
    summary: 'make or update the review app of the branch, with services of its own',
    flags: [app, config, ...shipFlags, ...outputFlags, ...artifactFlags],
    run: runVerb('review start'),
  },
  {
    words: ['review', 'stop'],
    summary: 'remove the review app of the branch and the services that were made for it',
    flags: [app, config, ...outputFlags, ...artifactFlags],
    run: runVerb('review stop'),
  },
  {
    words: ['deploy'],
    usage: '[environment]',
    summary: 'ship the job’s commit to the app of an environment (staging, production …)',
    flags: [
      app,
      config,
      ...shipFlags,
      { name: 'allow-older', about: 'go back to an older commit (a rollback)' },
      { name: 'no-create', about: 'fail when the app is missing instead of creating it' },
      ...outputFlags,
      ...artifactFlags,
    ],
    run: runVerb('deploy'),
  },
  {
    words: ['sandbox'],
    usage: '[-- command…]',
    summary: 'a Dokku-like host on this machine, to try things and to test against',
    flags: [
      { name: 'port', value: 'number', about: 'the SSH port (default: any free one)' },
      {
        name: 'web-port',
        value: 'number',
        about: 'the port under which apps are served (default: any free one)',
      },
      { name: 'domain', value: 'name', about: 'the domain below which apps are served (default: localhost)' },
      {
        name: 'folder',
        value: 'path',
        about: 'where it keeps everything (default: a temporary folder, removed at the end)',
      },
      {
        name: 'services',
        value: 'list',
        about:
          'its service plugins, of mysql, mariadb, postgres, redis and mongo (default: mysql,postgres,redis)',
      },
      {
        name: 'latency',
        value: 'ms',
        about: 'hold each command back by so many milliseconds, as a network does',
      },
      {
        name: 'pace',
        value: 'which',
        choices: ['recorded'],
        about: 'take as long for each command as a real host did',
      },
    ],
    run: async (world, args) => {
      const { sandboxCommand } = await import('./sandbox.ts');
      return sandboxCommand(world, args);
    },
  },
  {
    words: ['schema'],
    usage: '[config|events]',
    summary: 'print the JSON Schema of .dokku-deploy.yml, or of the lines of --log-format json',
    flags: [],
    run: async (world, args) => {
      const { schemaCommand } = await import('./schema.ts');
      return schemaCommand(world, args);
    },
  },
];

function runVerb(command: CommandName) {
  return async (world: World, args: CommandArguments): Promise<number> => {
    const [{ runCommand }, { readRunFlags }] = await Promise.all([
      import('../run/run-command.ts'),
      import('./flags.ts'),
    ]);
    return runCommand({ world, command, flags: readRunFlags(args) });
  };
}
