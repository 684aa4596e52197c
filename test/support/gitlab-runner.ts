import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { findProcesses } from '../../src/executor/processes.ts';
import { startProgram } from './child.ts';
import { aJobServer, type JobServer } from './gitlab-jobs.ts';
import { aTokenIssuer, type TokenIssuer } from './gitlab-tokens.ts';
import { aRepository } from './repository.ts';

/** A user of this machine that no other test runs programs as. */
export const jobUser = { name: 'uucp', uid: 10 };

/** What jobs have left on the machine: nothing, if all lists are empty. */
export interface Leftovers {
  /** Processes of the user of jobs, and those of the driver. */
  readonly processes: readonly number[];
  readonly sockets: readonly string[];
  readonly folders: readonly string[];
}

/** A machine as docs/custom-executor.md sets it up: a real GitLab Runner, with the binary as its driver. */
export interface RunnerMachine extends AsyncDisposable {
  readonly root: string;
  readonly server: JobServer;
  readonly issuer: TokenIssuer;
  readonly sandbox: Sandbox;
  readonly audit: () => string;
  /** What the runner itself printed. */
  readonly output: () => string;
  /** The processes of the driver whose arguments match. */
  readonly drivers: (words: RegExp) => number[];
  readonly leftovers: () => Promise<Leftovers>;
  /** A part of the host's key that no other key has. */
  readonly secret: () => string;
  /** Where a text is: in the environments of processes of jobs, in their files, and in the arguments of any process. */
  readonly findText: (text: string) => Promise<string[]>;
}

const built = new URL('../../dist/dokku-deploy', import.meta.url).pathname;

/** Starts the machine with this runner, and all that it talks to. */
export const aRunnerMachine = async (runner: string): Promise<RunnerMachine> => {
  if (!existsSync(built)) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'ignore' });
  const sandbox = await startSandbox({ services: [] });
  const issuer = await aTokenIssuer();
  const repository = aRepository();
  const head = repository.commit({ 'index.html': 'A page of the shop' });
  const server = await aJobServer({ folder: repository.folder, head });

  // Not in TMPDIR, which the user of jobs may not be able to enter.
  const root = mkdtempSync('/tmp/gitlab-runner-');
  chmodSync(root, 0o711);
  for (const name of ['etc', 'tmp', 'home']) mkdirSync(join(root, name), { mode: 0o700 });
  mkdirSync(join(root, 'bin'), { mode: 0o755 });
  const driver = join(root, 'bin/dokku-deploy');
  copyFileSync(built, driver);
  chmodSync(driver, 0o755);
  // Scripts call it to send and to fetch artifacts.
  symlinkSync(runner, join(root, 'bin/gitlab-runner'));
  writeFiles(root, { sandbox, issuer, server, driver });
  const started = startProgram([runner, 'run', '--config', join(root, 'etc/config.toml')], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', HOME: join(root, 'home'), TMPDIR: join(root, 'tmp') },
  });
  const drivers = (words: RegExp): number[] =>
    findCommands().flatMap(([pid, command]) =>
      command.startsWith(driver) && words.test(command) ? [pid] : [],
    );

  return {
    root,
    server,
    issuer,
    sandbox,
    drivers,
    audit: () => readFileSync(join(root, 'audit.jsonl'), 'utf8'),
    output: started.output,
    leftovers: async () => ({
      processes: [...(await findProcesses(jobUser.uid)), ...drivers(/^/)],
      sockets: readFileSync('/proc/net/unix', 'utf8')
        .split('\n')
        .filter((line) => line.includes(root)),
      folders: [...list(join(root, 'state')), ...list(join(root, 'tmp'))],
    }),
    // The first lines are the same in all keys.
    secret: () => sandbox.env.SSH_PRIVATE_KEY.split('\n').filter((line) => line.length > 40)[1] ?? '',
    findText: async (text) => {
      const paths = [
        ...(await findProcesses(jobUser.uid)).map((pid) => `/proc/${pid}/environ`),
        ...findCommands().map(([pid]) => `/proc/${pid}/cmdline`),
        ...listFiles(join(root, 'state')),
      ];
      return paths.filter((path) => readText(path).includes(text));
    },
    [Symbol.asyncDispose]: async () => {
      started.child.kill('SIGTERM');
      await started.result;
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
      repository[Symbol.dispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
};

interface Parts {
  readonly sandbox: Sandbox;
  readonly issuer: TokenIssuer;
  readonly server: JobServer;
  readonly driver: string;
}

const writeFiles = (root: string, { sandbox, issuer, server, driver }: Parts): void => {
  const write = (name: string, text: string): void =>
    writeFileSync(join(root, 'etc', name), text, { mode: 0o600 });
  write('key', sandbox.env.SSH_PRIVATE_KEY);
  write('known_hosts', sandbox.env.SSH_KNOWN_HOSTS);
  const policy = join(root, 'etc/policy.yml');
  write(
    'policy.yml',
    `
host: {address: "${sandbox.env.DOKKU_HOST}", key: ${root}/etc/key, known_hosts: ${root}/etc/known_hosts}
gitlab: {url: "${issuer.url}"}
executor: {run_as: ${jobUser.name}, state: ${root}/state, audit: ${root}/audit.jsonl, path: "${root}/bin:/usr/bin:/bin"}
projects:
  - path: group/shop
    id: 42
    review: {any_ref: true}
    environments: {production: {app: shop, ref: main}}
`,
  );
  const calls = ['config', 'prepare', 'run', 'cleanup'].map(
    (call) =>
      `    ${call}_exec = "${driver}"\n    ${call}_args = ["executor", "${call}", "--policy", "${policy}"]\n`,
  );
  write(
    'config.toml',
    `concurrent = 1
check_interval = 1
[[runners]]
  name = "machine"
  url = "${server.url}"
  token = "glrt-t0ken"
  executor = "custom"
  limit = 1
  [runners.custom]
${calls.join('')}`,
  );
};

/** The processes of this machine with their arguments. One can end while it is looked at. */
const findCommands = (): [pid: number, command: string][] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name): [number, string] => [Number(name), readProcess(name)]);

const readProcess = (pid: string): string => readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

/** A process can end while it is looked at, and a socket has no text. */
const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
