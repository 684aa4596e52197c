/** What each exit code means to a job. 3 and 6 are those that another try may mend. */
export const exitCodes = {
  0: 'done',
  1: 'a bug of this tool, or with --strict a warning',
  2: 'wrong usage or configuration; nothing was asked of the host',
  3: 'the host was not reached, its key is not the pinned one, or it does not accept ours',
  4: 'the host refused, or the build or a migration failed',
  5: 'the new version did not become healthy; the old one goes on serving',
  6: 'the app is busy with another deploy; try again later',
  10: 'the plan has changes (dry run with --exit-code)',
  130: 'stopped by SIGINT',
  143: 'stopped by SIGTERM',
} as const;

export type ExitCode = keyof typeof exitCodes;

interface CatalogueEntry {
  readonly exit: ExitCode;
  /** One sentence for the documentation. */
  readonly about: string;
}

/** Every expected failure, by its code. `docs/errors.md` is made from it. */
export const errorCatalogue = {
  bug: {
    exit: 1,
    about: 'Something that this tool did not expect. Its stack stands in the log, without secrets.',
  },
  usage: { exit: 2, about: 'A command, flag or argument that this tool does not have.' },
  configuration: {
    exit: 2,
    about: 'Variables, flags or files are missing or wrong. All problems are listed at once.',
  },
  'not-a-repository': { exit: 2, about: 'There is no git repository with the commit to ship.' },
  'source-failed': { exit: 2, about: 'git could not make what is to be shipped.' },
  'host-not-reached': { exit: 3, about: 'No SSH connection could be made or kept.' },
  'host-key-unknown': { exit: 3, about: 'The host showed a key that SSH_KNOWN_HOSTS does not have.' },
  'host-key-changed': { exit: 3, about: 'The host showed another key than the one in SSH_KNOWN_HOSTS.' },
  'key-refused': { exit: 3, about: 'The host does not know the public half of SSH_PRIVATE_KEY.' },
  'app-not-ours': {
    exit: 4,
    about: 'An app of that name exists which is not a review app of this project and branch.',
  },
  'service-not-ours': {
    exit: 4,
    about: 'A service of that name existed before, and was not made for this app.',
  },
  'plugin-missing': { exit: 4, about: 'The host has no plugin for a service that is asked for.' },
  'older-commit': {
    exit: 4,
    about: 'The commit is older than the one that runs, and --allow-older was not given.',
  },
  'host-refused': { exit: 4, about: 'The host answered a command with an error.' },
  'build-failed': { exit: 4, about: 'The host could not build the app. The old version goes on serving.' },
  'not-deployed': { exit: 4, about: 'The host took the code but did not deploy it.' },
  'release-failed': {
    exit: 4,
    about: 'A predeploy, release or first-deploy script failed. The old version goes on serving.',
  },
  'postdeploy-failed': {
    exit: 4,
    about: 'The postdeploy script failed. The new version runs all the same.',
  },
  unhealthy: { exit: 5, about: 'The new version did not pass its health checks.' },
  busy: { exit: 6, about: 'Another deploy of the app was under way for longer than --wait.' },
  interrupted: { exit: 130, about: 'The run was told to stop by SIGINT.' },
  terminated: { exit: 143, about: 'The run was told to stop by SIGTERM: a cancelled job.' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

interface ErrorDetails {
  /** One sentence that names the thing. */
  readonly message: string;
  /** What to do next. */
  readonly remedy?: string | undefined;
  /** What the host (or git, or a file's parser) said, in its own words, one line each. */
  readonly said?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** An expected failure: shown without a stack, with its exit code. Anything else that is thrown is a bug. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly said: readonly string[];

  constructor(code: ErrorCode, { message, remedy, said = [], cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.said = said;
  }

  get exitCode(): ExitCode {
    return errorCatalogue[this.code].exit;
  }
}
