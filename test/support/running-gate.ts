import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import ssh2, { type Client, type PasswordAuthMethod, type PublicKeyAuthMethod } from 'ssh2';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/sandbox.ts';
import { run } from '../../src/cli/run.ts';
import type { AuditEntry } from '../../src/gate/audit.ts';
import { aTokenIssuer, type TokenIssuer } from './gitlab-tokens.ts';
import { aFolder } from './repository.ts';
import { collect } from './world.ts';

/** A gate as a daemon, in front of a sandbox. */
export interface RunningGate extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly gitlab: TokenIssuer;
  readonly port: number;
  readonly fingerprint: string;
  /** The folder with the policy and the keys. */
  readonly folder: string;
  readonly audit: () => AuditEntry[];
  /** Resolves when the audit has an entry that matches. */
  readonly audited: (matches: (entry: AuditEntry) => boolean) => Promise<AuditEntry>;
  /** The variables of a job with this token, which connects to this port. */
  readonly jobEnv: (token: string, port?: number) => Record<string, string>;
  /** Replaces the rules of the policy, and sends SIGHUP. */
  readonly reload: (projects: string, audience?: string) => void;
  /** Sends SIGTERM. Resolves with the exit code. */
  readonly stop: () => Promise<number>;
  /** Starts another gate with the same files, and sends SIGTERM to the former one. */
  readonly replace: () => Promise<{ readonly port: number; readonly stopped: Promise<number> }>;
}

/** Returns a new private key as PEM. */
export const aClientKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString();

/** Starts a sandbox, a GitLab and a gate with these rules. */
export const aGate = async (projects: string, options: SandboxOptions = {}): Promise<RunningGate> => {
  const sandbox = await startSandbox({ services: ['mysql'], ...options });
  const gitlab = await aTokenIssuer();
  const files = aFolder();
  const folder = join(files.folder, 'etc');
  mkdirSync(folder, { mode: 0o700 });
  const { DOKKU_HOST, SSH_PRIVATE_KEY, SSH_KNOWN_HOSTS } = sandbox.env;
  writeFileSync(join(folder, 'key'), SSH_PRIVATE_KEY, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), SSH_KNOWN_HOSTS);
  writeFileSync(join(folder, 'host_key'), aClientKey(), { mode: 0o600 });
  const writePolicy = (rules: string, audience = 'dokku-deploy'): void => {
    const text = [
      `host: {address: "${DOKKU_HOST}", key: ${folder}/key, known_hosts: ${folder}/known_hosts}`,
      `listen: {address: "127.0.0.1:0", host_key: ${folder}/host_key}`,
      `gitlab: {url: "${gitlab.url}", audience: ${audience}}`,
      `projects:${rules}`,
    ].join('\n');
    writeFileSync(join(folder, 'policy.yml'), text, { mode: 0o600 });
  };
  writePolicy(projects);
  let daemon = await startDaemon(folder);
  const audit = (): AuditEntry[] =>
    daemon
      .stdout()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEntry);
  return {
    sandbox,
    gitlab,
    get port() {
      return daemon.port;
    },
    fingerprint: daemon.fingerprint,
    folder,
    audit,
    audited: async (matches) => {
      await waitFor(() => audit().some(matches));
      return audit().find(matches) as AuditEntry;
    },
    jobEnv: (token, port) => ({
      DOKKU_GATE: `ssh://127.0.0.1:${port ?? daemon.port}#${daemon.fingerprint}`,
      DOKKU_GATE_TOKEN: token,
      CI_JOB_TOKEN: 'glcbt-job-token',
    }),
    reload: (rules, audience) => {
      writePolicy(rules, audience);
      daemon.hangUp();
    },
    stop: () => daemon.stop(),
    replace: async () => {
      const former = daemon;
      daemon = await startDaemon(folder);
      return { port: daemon.port, stopped: former.stop() };
    },
    [Symbol.asyncDispose]: async () => {
      await daemon.stop();
      await gitlab[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
};

/** Runs `dokku-deploy gate` in this process. */
const startDaemon = async (folder: string) => {
  const stop = new AbortController();
  const stdout = collect();
  const stderr = collect();
  let hangUp = (): void => {};
  const exit = run({
    argv: ['gate', '--policy', 'policy.yml'],
    program: [],
    env: {},
    cwd: folder,
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    now: Date.now,
    stop: stop.signal,
    onHangup: (listener) => {
      hangUp = listener;
    },
  });
  const started = /listens on 127\.0\.0\.1:(\d+); its host key is (SHA256:\S+)/;
  await Promise.race([waitFor(() => started.test(stderr.text())), exit]);
  const [, port, fingerprint = ''] = started.exec(stderr.text()) ?? [];
  if (port === undefined) throw new Error(stderr.text());
  return {
    port: Number(port),
    fingerprint,
    stdout: () => stdout.text(),
    hangUp: () => hangUp(),
    stop: () => {
      stop.abort('SIGTERM');
      return exit;
    },
  };
};

/** Resolves when the condition holds; a test that waits for ever ends with its time limit. */
export const waitFor = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A client of a gate that sends what it likes. */
export interface GateClient extends Disposable {
  readonly client: Client;
  /** Sends a command line. The exit code is undefined if the session ended without one. */
  readonly exec: (
    line: string,
    input?: string | Buffer,
  ) => Promise<{ readonly exit: number | undefined; readonly stdout: string; readonly stderr: string }>;
}

/** Logs in at a gate with a token, and with a key if one is given. Throws if it is refused. */
export const aGateClient = async (
  { port }: Pick<RunningGate, 'port'>,
  token: string,
  key?: string,
): Promise<GateClient> => {
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.on('error', reject);
  client.once('ready', resolve);
  client.once('close', () => reject(new Error('closed')));
  const login: (PasswordAuthMethod | PublicKeyAuthMethod)[] = [
    { type: 'password', username: 'dokku', password: token },
  ];
  if (key !== undefined) login.unshift({ type: 'publickey', username: 'dokku', key });
  client.connect({ host: '127.0.0.1', port, username: 'dokku', authHandler: login });
  await promise;
  return {
    client,
    exec: async (line, input = '') => {
      const done = Promise.withResolvers<{ exit: number | undefined; stdout: string; stderr: string }>();
      client.exec(line, (error, channel) => {
        if (error) return done.reject(error);
        let exit: number | undefined;
        const text = { stdout: '', stderr: '' };
        channel.on('data', (chunk: Buffer) => {
          text.stdout += chunk.toString();
        });
        channel.stderr.on('data', (chunk: Buffer) => {
          text.stderr += chunk.toString();
        });
        channel.on('exit', (code: number) => {
          exit = code;
        });
        channel.on('error', () => {});
        channel.once('close', () => done.resolve({ exit, ...text }));
        channel.end(input);
      });
      return done.promise;
    },
    [Symbol.dispose]: () => client.destroy(),
  };
};
