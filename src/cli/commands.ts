import type { CommandName } from '../context/target.ts';
import type { World } from '../world.ts';
import { artifactFlags } from './artifact-flags.ts';
import type { CliCommand, CommandArguments, Flag } from './command.ts';

const app: Flag = { name: 'app', value: 'name', about: 'app name to use' };
const config: Flag = {
  name: 'config',
  value: 'file',
  about: 'configuration file to read (default: .dokku-deploy.yml)',
};

const formats = ['text', 'json'];

const format: Flag = {
  name: 'format',
  value: 'format',
  choices: formats,
  about: 'format of the result on stdout',
};
const logFormat: Flag = {
  name: 'log-format',
  value: 'format',
  choices: formats,
  about: 'log format on stderr',
};

const outputFlags: readonly Flag[] = [
  { name: 'dry-run', about: 'print the plan for the current state of the host; change nothing' },
  { name: 'offline', about: 'with --dry-run: do not contact the host; plan for an empty one' },
  { name: 'exit-code', about: 'with --dry-run: exit 10 if the plan has changes' },
  {
    name: 'report',
    value: 'kind=file',
    about: 'with --dry-run: write the plan’s numbers for the merge request (terraform=FILE)',
  },
  format,
  logFormat,
];

const wait: Flag = {
  name: 'wait',
  value: 'duration',
  about: 'how long to wait for another deploy of the app, e.g. 90s, 20m or 1h (default: 15m)',
};
const allowOlder: Flag = {
  name: 'allow-older',
  about: 'allow a commit older than the running one (a rollback)',
};
const takeOver: Flag = {
  name: 'take-over',
  about: 'become the owner of an app that another project or environment deploys to',
};

const duringFreeze: Flag = { name: 'during-freeze', about: 'deploy even during a deploy freeze of GitLab' };

/** What is shipped from the job: for the commands that ship from it. */
const shipFlags: readonly Flag[] = [
  {
    name: 'image',
    value: 'name',
    about: 'deploy this image of a registry instead of the files of the commit',
  },
  { name: 'root', value: 'folder', about: 'ship this folder of the commit as the root (source.root)' },
  {
    name: 'dir',
    value: 'folder',
    about: 'ship this folder as it is in the job, with the files that git ignores (source.dir)',
  },
  {
    name: 'image-archive',
    value: 'file',
    about: 'deploy the image in this file, which docker save, kaniko or buildah wrote',
  },
];

const waitFlags: readonly Flag[] = [
  {
    name: 'superseded',
    value: 'how',
    choices: ['fail', 'ok'],
    about: 'how to end if another job deploys a newer commit while this one waits (default: fail)',
  },
  { name: 'rebuild', about: 'build again, even if the commit is already deployed' },
  wait,
];

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
      {
        name: 'allow-default-branch',
        about: 'allow a review app for the default branch, which deploy usually ships',
      },
      ...outputFlags,
      ...artifactFlags,
    ],
    run: runPipelineCommand('review start'),
  },
  {
    words: ['review', 'stop'],
    summary: 'remove the review app of the branch and the services created for it',
    flags: [app, config, ...outputFlags, ...artifactFlags],
    run: runPipelineCommand('review stop'),
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
      allowOlder,
      duringFreeze,
      takeOver,
      { name: 'no-create', about: 'fail if the app does not exist, instead of creating it' },
      { name: 'plan-out', value: 'file', about: 'with --dry-run: save the plan in this file' },
      { name: 'plan', value: 'file', about: 'apply this saved plan, or fail if it is not the plan any more' },
      ...outputFlags,
      ...artifactFlags,
    ],
    run: runPipelineCommand('deploy'),
  },
  {
    words: ['promote'],
    usage: '<from> <to>',
    summary: 'deploy to one environment what runs in another, as the host has it; needs no checkout',
    flags: [
      app,
      { name: 'from-app', value: 'name', about: 'app of the environment that the code is from' },
      config,
      {
        name: 'commit',
        value: 'id',
        about: 'take the release of this commit, even if that environment runs another one by now',
      },
      ...waitFlags,
      allowOlder,
      duringFreeze,
      takeOver,
      ...outputFlags,
      ...artifactFlags,
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
        about: 'number of the release, or its commit (default: the release before)',
      },
      wait,
      takeOver,
      ...outputFlags,
      ...artifactFlags,
    ],
    run: runPipelineCommand('rollback'),
  },
  {
    words: ['releases'],
    usage: '[environment]',
    summary: 'list the last releases of an environment’s app; needs no checkout',
    flags: [app, config, format, logFormat],
    run: runPipelineCommand('releases'),
  },
  {
    words: ['status'],
    usage: '[environment]',
    summary:
      'print what runs in an environment’s app, its URLs and whether a deploy is running; needs no checkout',
    flags: [app, config, format, logFormat],
    run: runPipelineCommand('status'),
  },
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
  {
    words: ['schema'],
    usage: '[config|events]',
    summary: 'print the JSON Schema of .dokku-deploy.yml (config) or of --log-format json (events)',
    flags: [],
    run: async (world, args) => {
      const { schemaCommand } = await import('./schema.ts');
      return schemaCommand(world, args);
    },
  },
];

function runPipelineCommand(command: CommandName) {
  return async (world: World, args: CommandArguments): Promise<number> => {
    const [{ runCommand }, { readRunFlags }] = await Promise.all([
      import('../run/run-command.ts'),
      import('./flags.ts'),
    ]);
    return runCommand({ world, command, flags: readRunFlags(args, command) });
  };
}
