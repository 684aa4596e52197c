import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from './access.ts';
import { sourceCommand } from './child.ts';
import { aRepository, type TestRepository } from './repository.ts';
import { type ProgramResult, runProgram } from './world.ts';

/** A checkout, and a sandbox that its jobs, written for the official image, deploy to. */
export interface OfficialJobs extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly repository: TestRepository;
  /** The variables that such a job needs for the app `shop`. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for another app. */
  readonly remote: (app: string) => string;
  /** Runs `dokku-deploy` without arguments. */
  readonly run: (
    env: Readonly<Record<string, string | undefined>>,
    more?: RunOptions,
  ) => Promise<ProgramResult>;
  /** Runs a command on the host, as an operator does. */
  readonly dokku: (line: string) => Promise<string>;
  /** The commands that the host has got since the last call. */
  readonly commands: () => string[];
}

interface RunOptions {
  readonly argv?: readonly string[];
  readonly calledAs?: string;
  readonly cwd?: string;
  readonly stop?: AbortSignal;
}

/** Starts them. */
export const officialJobs = async (): Promise<OfficialJobs> => {
  const sandbox = await startSandbox();
  const repository = aRepository('fix');
  repository.commit({ 'index.html': 'hello' });
  const { DOKKU_HOST, SSH_PRIVATE_KEY, SSH_KNOWN_HOSTS } = sandbox.env;
  const remote = (app: string) => `ssh://${DOKKU_HOST.replace(/^(?!.*@)/, 'dokku@')}/${app}`;
  const env = { GIT_REMOTE_URL: remote('shop'), SSH_PRIVATE_KEY, SSH_HOST_KEY: SSH_KNOWN_HOSTS };
  let seen = 0;
  return {
    sandbox,
    repository,
    env,
    remote,
    run: (variables, { argv = [], cwd = repository.folder, ...more } = {}) =>
      runProgram({ argv, cwd, env: { ...env, ...variables }, program: sourceCommand(), ...more }),
    dokku: async (line) => {
      const access = await anAccess({ port: sandbox.port, key: sandbox.privateKey });
      await using host = createSshHost({ access, warn: () => {} });
      const answer = await host.ask({ line });
      if (answer.kind !== 'answered') throw new Error(JSON.stringify(answer));
      return answer.stdout;
    },
    commands: () => {
      const lines = sandbox.journal.commands.slice(seen).map(({ line }) => line);
      seen = sandbox.journal.commands.length;
      return lines;
    },
    [Symbol.asyncDispose]: async () => {
      repository[Symbol.dispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
};
