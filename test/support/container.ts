import { execa } from 'execa';

/** The image under test. */
export const jobImage = process.env.JOB_IMAGE ?? 'dokku-deployer';

/** How a container ended. */
export interface ContainerResult {
  readonly exit: number | undefined;
  /** Both streams, as a job's log has them. */
  readonly output: string;
}

export interface ContainerOptions {
  /** `uid` or `uid:gid`; root when it is left out. */
  readonly user?: string;
  /** More words of `docker run`. */
  readonly flags?: readonly string[];
  /** Exactly these are set inside, values of many lines too. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs words in a container of the image, without a network unless the flags give one. */
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
    // A name without a value is given the one that docker itself has: no file of variables could hold a line break.
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
