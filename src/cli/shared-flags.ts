import { artifactFlags } from './artifact-flags.ts';
import type { Flag } from './command.ts';

/** The flags that several commands share. */
export const app: Flag = { name: 'app', value: 'name', about: 'app name to use' };
export const config: Flag = {
  name: 'config',
  value: 'file',
  about: 'configuration file to read (default: .dokku-deploy.yml)',
};

const formats = ['text', 'json'];

export const format: Flag = {
  name: 'format',
  value: 'format',
  choices: formats,
  about: 'format of the result on stdout',
};
export const logFormat: Flag = {
  name: 'log-format',
  value: 'format',
  choices: formats,
  about: 'log format on stderr',
};

/** The flags of a command that applies a plan, or prints it. */
export const runFlags: readonly Flag[] = [
  { name: 'dry-run', about: 'print the plan for the current state of the host; change nothing' },
  { name: 'offline', about: 'with --dry-run: do not contact the host; plan for an empty one' },
  {
    name: 'explain',
    about: 'with --dry-run: print the plan as commands to paste into a shell; secrets are variables',
  },
  { name: 'exit-code', about: 'with --dry-run: exit 10 if the plan has changes' },
  {
    name: 'report',
    value: 'kind=file',
    about: 'with --dry-run: write the plan’s numbers for the merge request (terraform=FILE)',
  },
  format,
  logFormat,
  ...artifactFlags,
];

/** The flags of a command that reads an environment's app, or locks it. */
export const readingFlags: readonly Flag[] = [app, config, format, logFormat];

export const wait: Flag = {
  name: 'wait',
  value: 'duration',
  about: 'how long to wait for another deploy of the app, e.g. 90s, 20m or 1h (default: 15m)',
};
export const takeOver: Flag = {
  name: 'take-over',
  about: 'become the owner of an app that another project or environment deploys to',
};
export const duringLock: Flag = {
  name: 'during-lock',
  about: 'deploy even if someone has locked the environment',
};

/** What overrides a refusal to deploy to an environment. */
export const overrideFlags: readonly Flag[] = [
  { name: 'allow-older', about: 'allow a commit older than the running one (a rollback)' },
  { name: 'during-freeze', about: 'deploy even during a deploy freeze of GitLab' },
  duringLock,
  takeOver,
];

export const allowDefaultBranch: Flag = {
  name: 'allow-default-branch',
  about: 'allow a review app for the default branch, which deploy usually ships',
};

/** The folder to ship, which contains app.json. */
export const folderFlags: readonly Flag[] = [
  { name: 'root', value: 'folder', about: 'ship this folder of the commit as the root (source.root)' },
  {
    name: 'dir',
    value: 'folder',
    about: 'ship this folder as it is in the job, with the files that git ignores (source.dir)',
  },
];

/** What to ship, for the commands that ship something from the job. */
export const shipFlags: readonly Flag[] = [
  {
    name: 'image',
    value: 'name',
    about: 'deploy this image of a registry instead of the files of the commit',
  },
  ...folderFlags,
  {
    name: 'image-archive',
    value: 'file',
    about: 'deploy the image in this file, which docker save, kaniko or buildah wrote',
  },
];

export const checkDrift: Flag = {
  name: 'check-drift',
  about: 'only compare the declared settings with the app, and exit 10 if they differ; change nothing',
};

export const waitFlags: readonly Flag[] = [
  {
    name: 'superseded',
    value: 'how',
    choices: ['fail', 'ok'],
    about: 'how to end if another job deploys a newer commit while this one waits (default: fail)',
  },
  { name: 'rebuild', about: 'build again, even if the commit is already deployed' },
  wait,
];

export const skipFlags: readonly Flag[] = [
  {
    name: 'skip',
    value: 'kinds',
    about: 'do nothing, with exit 0, for these merge requests: drafts, bots, forks (separated by commas)',
  },
  {
    name: 'only-label',
    value: 'label',
    about: 'do nothing, with exit 0, unless the merge request has this label',
  },
];
