import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseEnv } from '../../sandbox/host/envfile.ts';
import type { App } from '../../sandbox/host/state.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from './child.ts';
import { fetchPage } from './page.ts';
import { aFolder, aRepository, type TestRepository } from './repository.ts';
import { type ProgramResult, runProgram } from './world.ts';

/** A release, as `releases --format json` prints it. */
export interface ListedRelease {
  readonly number: number;
  readonly commit: string;
  readonly revision?: string;
  readonly outcome: string;
  readonly running: boolean;
  readonly origin: { readonly kind: string; readonly to?: number; readonly from?: string };
}

/** The project `group/shop` with its environments on a sandbox. */
export interface Shop extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly repository: TestRepository;
  /** Runs the program in the checkout. */
  readonly run: (words: string, env?: Readonly<Record<string, string>>) => Promise<ProgramResult>;
  /** Runs the program in an empty folder. */
  readonly runOutside: (words: string, env?: Readonly<Record<string, string>>) => Promise<ProgramResult>;
  /** Runs the program in an empty folder and a process of its own, which is killed after the host ran a command that matches. */
  readonly killAfter: (words: string, command: RegExp) => Promise<void>;
  /** Commits a page with this text and deploys it. Returns the commit. */
  readonly deploy: (
    environment: string,
    text: string,
    more?: Readonly<Record<string, string>>,
  ) => Promise<string>;
  readonly app: (name: string) => App;
  readonly page: (app: string) => Promise<string>;
  readonly config: (app: string) => ReadonlyMap<string, string>;
  readonly releases: (environment: string) => Promise<readonly ListedRelease[]>;
  /** Removes what no ref holds from an app's repository on the host, as git's gc does some day. */
  readonly collect: (app: string) => void;
}

/** Starts the shop. */
export const aShop = async (options: SandboxOptions = {}): Promise<Shop> => {
  const sandbox = await startSandbox({ services: [], ...options });
  const repository = aRepository();
  const job = {
    ...sandbox.env,
    CI_COMMIT_REF_NAME: 'main',
    CI_PROJECT_ID: '42',
    CI_PROJECT_PATH: 'group/shop',
    CI_PROJECT_NAME: 'shop',
  };
  const run: Shop['run'] = (words, env = {}) =>
    runProgram({ argv: words.split(' '), cwd: repository.folder, env: { ...job, ...env } });
  const runOutside: Shop['runOutside'] = async (words, env = {}) => {
    using empty = aFolder();
    return await runProgram({ argv: words.split(' '), cwd: empty.folder, env: { ...job, ...env } });
  };
  const app: Shop['app'] = (name) => {
    const found = sandbox.state.apps.get(name);
    if (!found) throw new Error(`there is no app ${name}`);
    return found;
  };
  return {
    sandbox,
    repository,
    run,
    runOutside,
    app,
    killAfter: async (words, command) => {
      using empty = aFolder();
      const program = startProgram(sourceCommand(...words.split(' ')), { cwd: empty.folder, env: job });
      sandbox.faults.inject(command, { kind: 'then', call: () => program.child.kill('SIGKILL') });
      await program.result;
    },
    deploy: async (environment, text, more = {}) => {
      const commit = repository.commit({ 'index.html': text, ...more });
      const { exit, stderr } = await run(`deploy ${environment}`);
      if (exit !== 0) throw new Error(stderr);
      return commit;
    },
    page: (name) => fetchPage(`http://${name}.localhost:${sandbox.webPort}/`),
    config: (name) => parseEnv(app(name).envFile),
    releases: async (environment) => {
      const { stdout } = await runOutside(`releases ${environment} --format json`);
      return (JSON.parse(stdout) as { releases: ListedRelease[] }).releases;
    },
    collect: (name) => {
      const folder = join(sandbox.folder, 'apps', `${name}.git`);
      execFileSync('git', ['-C', folder, 'gc', '--quiet', '--prune=now']);
    },
    [Symbol.asyncDispose]: async () => {
      repository[Symbol.dispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
};
