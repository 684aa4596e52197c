import type { CommandName } from '../context/target.ts';
import type { World } from '../world.ts';
import type { CliCommand, CommandArguments, Flag } from './command.ts';
import { fileCommands } from './file-commands.ts';
import { gateCommands } from './gate-commands.ts';
import {
  allowDefaultBranch,
  app,
  checkDrift,
  config,
  duringLock,
  folderFlags,
  logFormat,
  overrideFlags,
  readingFlags,
  runFlags,
  shipFlags,
  skipFlags,
  takeOver,
  wait,
  waitFlags,
} from './shared-flags.ts';

const copyEnvFrom: Flag = {
  name: 'copy-env-from',
  value: 'app',
  about:
    'copy the ordinary settings of this app to the review app, and the secrets that DOKKU_DEPLOY_INHERITABLE lists there, but nothing that leads to its data; if the project lists no services, the review app gets its own of the same types',
};
const exact: Flag = {
  name: 'exact',
  about: 'remove only the app that --app names; do not look for review apps of the branch with other names',
};

const adopt: Flag = {
  name: 'take-over',
  about: 'make an app without an owner, such as a review app of another tool, the review app of the branch',
};

/** Every command, in the order of the help. */
export const commands: readonly CliCommand[] = [
  {
    words: ['review', 'start'],
    summary: 'create or update the review app of the branch, with its own services',
    flags: [
      app,
      config,
      ...shipFlags,
      ...waitFlags,
      copyEnvFrom,
      allowDefaultBranch,
      adopt,
      ...skipFlags,
      checkDrift,
      ...runFlags,
    ],
    run: runPipelineCommand('review start'),
  },
  {
    words: ['review', 'prepare'],
    summary:
      'create the review app of the branch with its services and configuration while the tests run; deploys nothing',
    flags: [app, config, ...folderFlags, allowDefaultBranch, ...skipFlags, ...runFlags],
    run: runPipelineCommand('review prepare'),
  },
  {
    words: ['review', 'stop'],
    summary: 'remove the review app of the branch and the services created for it',
    flags: [app, config, exact, ...runFlags],
    run: runPipelineCommand('review stop'),
  },
  {
    words: ['review', 'run'],
    usage: '-- <command…>',
    summary:
      'run a command in a one-off container of the branch’s review app, beside its services; exits with the command’s own code',
    flags: [
      app,
      config,
      {
        name: 'timeout',
        value: 'duration',
        about: 'how long the command may take, e.g. 90s, 20m or 2h (default: 1h)',
      },
      {
        name: 'output',
        value: 'file',
        about: 'write the command’s standard output to this file, byte for byte, instead of the log',
      },
      { name: 'dry-run', about: 'print the command and where it would run; run nothing' },
      logFormat,
    ],
    run: runPipelineCommand('review run'),
  },
  {
    words: ['deploy'],
    usage: '[environment]',
    summary: 'deploy the commit to the app of an environment (staging, production, …)',
    flags: [
      app,
      config,
      ...shipFlags,
      ...waitFlags,
      ...overrideFlags,
      checkDrift,
      { name: 'no-create', about: 'fail if the app does not exist, instead of creating it' },
      { name: 'plan-out', value: 'file', about: 'with --dry-run: save the plan in this file' },
      {
        name: 'plan',
        value: 'file',
        about: 'apply this saved plan; fail if the plan would be different now',
      },
      ...runFlags,
    ],
    run: runPipelineCommand('deploy'),
  },
  {
    words: ['promote'],
    usage: '<from> <to>',
    summary: 'deploy to one environment what runs in another; needs no checkout',
    flags: [
      app,
      { name: 'from-app', value: 'name', about: 'app of the environment to promote from' },
      config,
      {
        name: 'commit',
        value: 'id',
        about: 'promote the release of this commit, even if that environment runs another one by now',
      },
      ...waitFlags,
      ...overrideFlags,
      ...runFlags,
    ],
    run: runPipelineCommand('promote'),
  },
  {
    words: ['rollback'],
    usage: '[environment]',
    summary: 'go back to an earlier release of an environment’s app; needs no checkout',
    flags: [
      app,
      config,
      {
        name: 'to',
        value: 'release',
        about: 'number of the release, or its commit (default: the previous release)',
      },
      wait,
      duringLock,
      takeOver,
      ...runFlags,
    ],
    run: runPipelineCommand('rollback'),
  },
  {
    words: ['releases'],
    usage: '[environment]',
    summary: 'list the last releases of an environment’s app; needs no checkout',
    flags: readingFlags,
    run: runPipelineCommand('releases'),
  },
  {
    words: ['status'],
    usage: '[environment]',
    summary:
      'print what runs in an environment’s app, its URLs and whether a deploy is running; needs no checkout',
    flags: readingFlags,
    run: runPipelineCommand('status'),
  },
  {
    words: ['lock'],
    usage: '<environment> <reason>',
    summary: 'block deploys to an environment, with a reason; needs no checkout',
    flags: readingFlags,
    run: runPipelineCommand('lock'),
  },
  {
    words: ['unlock'],
    usage: '[environment]',
    summary: 'allow deploys to an environment again; needs no checkout',
    flags: readingFlags,
    run: runPipelineCommand('unlock'),
  },
  ...gateCommands,
  {
    words: ['sandbox'],
    usage: '[-- command…]',
    summary: 'start a Dokku-like host on this machine, for trials and tests',
    flags: [
      { name: 'port', value: 'number', about: 'SSH port (default: a free one)' },
      {
        name: 'web-port',
        value: 'number',
        about: 'port that serves the apps (default: a free one)',
      },
      { name: 'domain', value: 'name', about: 'base domain of the apps (default: localhost)' },
      {
        name: 'folder',
        value: 'path',
        about: 'data folder (default: a temporary folder, removed at the end)',
      },
      {
        name: 'services',
        value: 'list',
        about:
          'service plugins: any of mysql, mariadb, postgres, redis, mongo (default: mysql,postgres,redis)',
      },
      {
        name: 'latency',
        value: 'ms',
        about: 'delay of each command in milliseconds, as on a network',
      },
      {
        name: 'pace',
        value: 'pace',
        choices: ['recorded'],
        about: 'make each command take as long as it did on a real host',
      },
    ],
    run: async (world, args) => {
      const { sandboxCommand } = await import('./sandbox.ts');
      return sandboxCommand(world, args);
    },
  },
  ...fileCommands,
];

function runPipelineCommand(command: CommandName) {
  return async (world: World, args: CommandArguments): Promise<number> => {
    const [{ runCommand }, { readRunFlags }] = await Promise.all([
      import('../run/run-command.ts'),
      import('./read-run-flags.ts'),
    ]);
    return runCommand({ world, command, flags: readRunFlags(args, command) });
  };
}
