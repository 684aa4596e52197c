/** What each exit code means to a job. After 3 and 6, running the job again may help. */
export const exitCodes = {
  0: 'success',
  1: 'a bug in dokku-deploy; with --strict, also a warning',
  2: 'wrong usage or configuration; nothing was changed on the host',
  3: 'the host could not be reached or did not answer in time, its host key is not the pinned one, or the login failed',
  4: 'the host refused a command, or the build, a migration or a hook failed',
  5: 'the new version failed its health checks, or does not answer at its URL',
  6: 'another deploy of the app is running, or has deployed a newer commit, or deploys are frozen or locked',
  10: 'dry run with --exit-code: the plan has changes; --check-drift, or config diff with --exit-code: the app differs from what is declared',
  130: 'stopped by SIGINT',
  143: 'stopped by SIGTERM',
} as const;

export type ExitCode = keyof typeof exitCodes;

interface CatalogueEntry {
  readonly exit: ExitCode;
  /** One sentence for the documentation. */
  readonly about: string;
}

/** Every expected failure, by its code. `docs/errors.md` is generated from it. */
export const errorCatalogue = {
  bug: {
    exit: 1,
    about: 'Something dokku-deploy did not expect. The log has the stack trace, with secrets masked.',
  },
  usage: { exit: 2, about: 'An unknown command, flag or argument, or flags that cannot be combined.' },
  configuration: {
    exit: 2,
    about: 'Variables, flags or files are missing or wrong. The error lists all problems.',
  },
  'not-a-repository': { exit: 2, about: 'There is no git repository that contains the commit to deploy.' },
  'source-failed': {
    exit: 2,
    about: 'git could not prepare the code to deploy, or the folder to ship is missing or empty.',
  },
  'source-incomplete': {
    exit: 2,
    about: 'Files of the commit would be missing on the host: a submodule, or what source.include names.',
  },
  'image-not-found': {
    exit: 2,
    about: 'The registry has no image of that name. Nothing was changed on the host.',
  },
  'image-archive-invalid': {
    exit: 2,
    about:
      'The file is missing or outside the project, is not an archive of one image that Docker can load, or was cut off.',
  },
  'registry-refused': {
    exit: 2,
    about: 'The registry refuses the job’s credentials for the image. Nothing was changed on the host.',
  },
  'host-not-reached': { exit: 3, about: 'An SSH connection to the host could not be opened, or was lost.' },
  'host-key-unknown': { exit: 3, about: 'SSH_KNOWN_HOSTS has no key for the host.' },
  'host-key-changed': {
    exit: 3,
    about: 'The host presented a different key than the one in SSH_KNOWN_HOSTS.',
  },
  'key-refused': {
    exit: 3,
    about: 'The host does not accept SSH_PRIVATE_KEY: its public key was not added to Dokku.',
  },
  'host-timeout': {
    exit: 3,
    about: 'The host is connected, but did not answer within a time limit (see limits.md).',
  },
  'not-dokku': {
    exit: 3,
    about: 'The host accepts SSH_PRIVATE_KEY, but the login is a shell or another program instead of Dokku.',
  },
  'app-not-ours': {
    exit: 4,
    about: 'An app with that name exists, and belongs to another branch, environment or project.',
  },
  'domain-taken': {
    exit: 4,
    about: 'Another app of the host has a domain that is declared for this one. Nothing was changed.',
  },
  'setting-not-applied': {
    exit: 4,
    about:
      'The host accepted a command without carrying it out: a declared setting still differs afterwards.',
  },
  'app-removed': {
    exit: 4,
    about: 'Another job, or an operator, removed the app while this job ran.',
  },
  'app-not-found': {
    exit: 4,
    about:
      'review stop found no app of the branch, but could not look at every app of the host, or found one that was renamed or copied by hand.',
  },
  'service-not-ours': {
    exit: 4,
    about: 'A service with that name exists, but was not created for this app.',
  },
  'not-inheritable': {
    exit: 4,
    about:
      'A key that `inherit` names is missing on the other app, is not allowed there, or leads to a service. Nothing was changed.',
  },
  'service-not-running': {
    exit: 4,
    about: 'A service of the app is stopped or incomplete, and only an operator may decide about its data.',
  },
  'plugin-missing': {
    exit: 4,
    about: 'The host has no plugin for a requested service or a declared setting.',
  },
  'older-commit': {
    exit: 4,
    about:
      'The commit is older than the running one, and neither --allow-older nor DOKKU_DEPLOY_ALLOW_OLDER was given. In a job with `environment:`, an older commit is deployed with a warning, because GitLab itself skips outdated jobs.',
  },
  'not-promotable': {
    exit: 4,
    about:
      'The environment to promote from runs nothing that was deployed successfully, or an image from a file, and the other environment is on another host.',
  },
  'release-not-found': {
    exit: 4,
    about: 'There is no such release to go back to, or the host no longer has its code or its image.',
  },
  'plan-outdated': {
    exit: 4,
    about: 'The host or the commit has changed since the plan was saved. Nothing was changed.',
  },
  'host-refused': { exit: 4, about: 'The host answered a command with an error.' },
  'answer-too-large': {
    exit: 4,
    about: 'The host printed more than dokku-deploy keeps of an answer (see limits.md).',
  },
  'build-failed': { exit: 4, about: 'The host could not build the app. Any previous version keeps serving.' },
  'image-not-pulled': {
    exit: 4,
    about:
      'The host could not pull the image: the registry refused the request, or the host could not reach it.',
  },
  'image-not-loaded': { exit: 4, about: 'The host’s Docker could not load the archive of the image.' },
  'not-deployed': { exit: 4, about: 'The host received the code but did not deploy it.' },
  'release-failed': {
    exit: 4,
    about: 'A predeploy, release or first-deploy script failed. Any previous version keeps serving.',
  },
  'postdeploy-failed': {
    exit: 4,
    about: 'The postdeploy script failed. The new version is running anyway.',
  },
  'hook-failed': {
    exit: 4,
    about:
      'A hook of the project (`bin/ci-…`, for jobs of the official image) failed or could not be started. After a failed `bin/ci-pre-deploy`, nothing was deployed.',
  },
  'run-failed': {
    exit: 4,
    about:
      'A command in a one-off container has no exit code: its container was killed, or its output could not be written. (A command that ended with a code of its own is no error of dokku-deploy: `review run` exits with that code.)',
  },
  unhealthy: { exit: 5, about: 'The new version did not pass its health checks.' },
  'not-serving': {
    exit: 5,
    about:
      'The app is deployed but does not answer at its URL. Dokku’s own checks accept an app that never listens. `probe: false` turns this check off.',
  },
  busy: { exit: 6, about: 'Another deploy of the app took longer than --wait.' },
  superseded: {
    exit: 6,
    about:
      'While this run waited, another job deployed a newer commit. Nothing was shipped. With `--superseded ok` this is a success.',
  },
  frozen: {
    exit: 6,
    about:
      'GitLab started the job during a deploy freeze. Nothing was changed. `--during-freeze` deploys anyway.',
  },
  locked: {
    exit: 6,
    about:
      'Someone has locked the environment (`dokku-deploy lock`). Nothing was deployed. `--during-lock` deploys anyway.',
  },
  interrupted: { exit: 130, about: 'The run was stopped by SIGINT (Ctrl-C).' },
  terminated: {
    exit: 143,
    about: 'The run was stopped by SIGTERM, for example because the job was cancelled.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

interface ErrorDetails {
  /** One sentence that names what failed. */
  readonly message: string;
  /** What to do next. */
  readonly remedy?: string | undefined;
  /** The output of the host, of git or of a parser, one line each. */
  readonly said?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** How much of an output an error repeats: the first and the last lines, and the beginning of each. */
export const outputLimits = { lines: 200, lineLength: 2_000 };

/** An expected failure: reported without a stack, with its exit code. Anything else that is thrown is a bug. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly said: readonly string[];

  constructor(code: ErrorCode, { message, remedy, said = [], cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.said = shorten(said);
  }

  get exitCode(): ExitCode {
    return errorCatalogue[this.code].exit;
  }
}

function shorten(output: readonly string[]): readonly string[] {
  const { lines, lineLength } = outputLimits;
  const kept =
    output.length <= lines
      ? output
      : [
          ...output.slice(0, lines / 2),
          `… (${output.length - lines} more lines)`,
          ...output.slice(-lines / 2),
        ];
  return kept.map((line) =>
    line.length <= lineLength
      ? line
      : `${line.slice(0, lineLength).toWellFormed()} … (${line.length - lineLength} more characters)`,
  );
}
