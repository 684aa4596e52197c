import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { startProgram } from './child.ts';
import { aRepository, type TestRepository } from './repository.ts';

const root = new URL('../../', import.meta.url).pathname;
const runner = join(root, 'node_modules/gitlab-ci-local/dist/index.js');

/** A copy of an example in a repository of its own, whose pipeline runs on this machine by gitlab-ci-local. */
export interface LocalPipeline extends Disposable {
  readonly project: TestRepository;
  /** Runs the pipeline of what is checked out, or some of its jobs; words are gitlab-ci-local's. */
  readonly run: (...words: string[]) => Promise<{ readonly exit: number | null; readonly output: string }>;
  /** What gitlab-ci-local prints of the pipeline (`--list-json`, `--preview`) and runs nothing of. */
  readonly read: (...words: string[]) => Promise<string>;
}

const ofMachine = (names: RegExp): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      names.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );

/** What npm needs on this machine to reach its registry. */
export const npmEnvironment = (): Record<string, string> =>
  ofMachine(/^npm_config_|^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i);

/** The same for a container, as CI/CD variables: gitlab-ci-local makes a variable of type file of a path. */
export const npmVariables = (): Record<string, string> =>
  ofMachine(/^npm_config_registry$|^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i);

/** The component's project, as GitLab has it at gitlab.example.com: tagged, and found by git under its URL. */
const shareComponents = (home: string): void => {
  using made = aRepository('main');
  cpSync(join(root, 'templates'), join(made.folder, 'templates'), { recursive: true });
  made.commit({});
  made.git('tag', '1.0.0');
  const bare = join(home, 'tools/dokku-deploy.git');
  made.git('clone', '--quiet', '--bare', '.', bare);
  writeFileSync(
    join(home, 'gitconfig'),
    `[url "file://${home}/tools/"]
  insteadOf = git@gitlab.example.com:tools/
  insteadOf = ssh://git@gitlab.example.com:22/tools/
`,
  );
};

/** A program `dokku-deploy` for jobs that run on this machine: from its source, or the binary at `path`. */
const addTool = (home: string, path: string | undefined): void => {
  const program = join(home, 'dokku-deploy');
  const words = path === undefined ? `'${process.execPath}' '${join(root, 'src/main.ts')}'` : `'${path}'`;
  writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
};

/**
 * Copies an example of ci-examples. `variables` are the project's CI/CD variables; `words` go with each run; `binary` is the
 * `dokku-deploy` of jobs that run on the machine itself, the source's when it is left out. The `idle` programs do nothing in
 * such jobs: what an image would be given by them, the machine has.
 */
export const aLocalPipeline = ({
  example,
  variables,
  words: always = [],
  binary,
  idle = [],
}: {
  readonly example: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly binary?: string;
  readonly idle?: readonly string[];
}): LocalPipeline => {
  const home = mkdtempSync(join(tmpdir(), 'pipeline-'));
  addTool(home, binary);
  for (const name of idle) writeFileSync(join(home, name), '#!/bin/sh\n', { mode: 0o755 });
  shareComponents(home);
  mkdirSync(join(home, '.gitlab-ci-local'));
  writeFileSync(join(home, '.gitlab-ci-local/variables.yml'), JSON.stringify({ global: variables }));
  const project = aRepository('main');
  const isKept = (path: string): boolean => !/\/(node_modules|\.gitlab-ci-local)$/.test(path);
  cpSync(join(root, 'ci-examples', example), project.folder, { recursive: true, filter: isKept });
  project.git('remote', 'add', 'origin', `git@gitlab.example.com:acme/${example}.git`);
  project.commit({});
  const env = {
    ...npmEnvironment(),
    PATH: `${home}:${dirname(process.execPath)}:${process.env.PATH}`,
    HOME: process.env.HOME,
    GIT_CONFIG_GLOBAL: join(home, 'gitconfig'),
  };
  const command = [process.execPath, runner, '--no-color', '--home', home, ...always];
  return {
    project,
    run: async (...words) => {
      const started = startProgram([...command, ...words], { cwd: project.folder, env });
      const { exit, output } = await started.result;
      // As a runner does: what is not committed goes.
      project.git('clean', '-ffdxq');
      return { exit, output };
    },
    read: async (...words) => {
      const [program = '', ...before] = command;
      const options = { cwd: project.folder, env, extendEnv: false };
      return (await execa(program, [...before, ...words], options)).stdout;
    },
    [Symbol.dispose]: () => {
      project[Symbol.dispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
};
