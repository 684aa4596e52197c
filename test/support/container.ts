import { execa } from 'execa';

/** The image under test. */
export const jobImage = process.env.JOB_IMAGE ?? 'dokku-deployer';

/** How a container ended. */
export interface ContainerResult {
  readonly exit: number | undefined;
  /** Both streams, as in a job's log. */
  readonly output: string;
}

export interface ContainerOptions {
  /** `uid` or `uid:gid`; by default root. */
  readonly user?: string;
  /** More arguments of `docker run`. */
  readonly flags?: readonly string[];
  /** The variables of the container; values may have several lines. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a command in a container of the image, without a network unless the flags set one. */
export const runInImage = async (
  words: readonly string[],
  { user, flags = ['--network', 'none'], env = {}, input }: ContainerOptions = {},
): Promise<ContainerResult> => {
  const names = Object.keys(env).flatMap((name) => ['--env', name]);
  const asUser = user === undefined ? [] : ['--user', user];
  const daemon = process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST };
  const { exitCode, all } = await execa(
    'docker',
    ['run', '--rm', '--interactive', ...flags, ...asUser, ...names, jobImage, ...words],
    // Docker reads the value of a name from its own environment; an --env-file cannot contain line breaks.
    {
      env: { PATH: process.env.PATH, ...env, ...daemon },
      extendEnv: false,
      all: true,
      reject: false,
      input: input ?? '',
    },
  );
  return { exit: exitCode, output: all };
};

/** The output of a shell line in a container. */
export const runShellInImage = async (line: string, running?: ContainerOptions): Promise<string> =>
  (await runInImage(['sh', '-c', line], running)).output;
