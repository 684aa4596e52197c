import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';
import { type CheckoutOptions, checkOut } from './checkout.ts';

/** A push as the pre-receive hook sees it, before any ref has moved. */
export interface Push {
  readonly updates: readonly { readonly oldId: string; readonly newId: string; readonly ref: string }[];
  /** Variables that name git's quarantine, which contains the new objects until the push is accepted. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a line to the client, which shows it after `remote: `. */
  readonly out: (line: string) => void;
}

/** Decides about a push. `killed`: the hook was killed, and git with it. */
export type PreReceive = (push: Push) => Promise<'accepted' | 'rejected' | 'killed'>;

export interface Extraction extends Omit<CheckoutOptions, 'repository' | 'env'> {
  /** Variables with which git finds the objects of a push that is not accepted yet. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface GitService {
  readonly app: string;
  readonly program: 'git-receive-pack' | 'git-upload-pack';
  readonly channel: Duplex & { readonly stderr: Writable };
  readonly preReceive: PreReceive;
  /** Whether git cannot write any file. */
  readonly isDiskFull?: boolean;
}

/** The bare repositories of a host's apps. */
export interface Repositories {
  readonly folderOf: (app: string) => string;
  /** Serves a client's git-receive-pack or git-upload-pack on its channel. Resolves with git's exit code. */
  readonly serve: (service: GitService) => Promise<number>;
  /** Returns the commit id of a branch, undefined if it does not exist. */
  readonly idOf: (app: string, branch: string) => Promise<string | undefined>;
  /** Returns what a branch, a tag or a commit id names, undefined if there is none. */
  readonly resolve: (app: string, name: string) => Promise<string | undefined>;
  /** Copies the branches of one app's repository to another's; does nothing if it has no repository. */
  readonly copy: (from: string, to: string) => Promise<void>;
  /** Runs git in an app's repository, which is created if it is missing. */
  readonly git: (
    app: string,
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }>;
  /** Checks the files of a commit out into a new folder. */
  readonly extract: (app: string, extraction: Extraction) => Promise<void>;
}

// The hook passes the push to the sandbox over file descriptors that git inherited, and waits for the verdict. So it needs
// only sh and cat, and the sandbox answers from inside the hook, as Dokku does.
const hook = `#!/bin/sh
{
  printf '%s\\n' "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
  cat
  printf 'end\\n'
} >&3
cat <&4
read -r verdict <&5
exit "$verdict"
`;

const runAsIs = 'exec "$0" "$1"';

/** Every write of a file fails in such a process, as on a full disk. */
const runWithoutWrites = `trap '' XFSZ; ulimit -f 0; ${runAsIs}`;

/** Manages the repositories below a folder; each is created when it is first opened. */
export function openRepositories(root: string, path: string): Repositories {
  const folderOf = (app: string): string => join(root, `${app}.git`);
  const git = (app: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    execa('git', words, {
      cwd: folderOf(app),
      env: { ...gitEnv(path), ...env },
      extendEnv: false,
      reject: false,
    });

  const create = async (app: string): Promise<void> => {
    const folder = folderOf(app);
    await mkdir(folder, { recursive: true });
    await git(app, ['init', '--quiet', '--bare', '--initial-branch=master', '.']);
    await mkdir(join(folder, 'hooks'), { recursive: true });
    await writeFile(join(folder, 'hooks', 'pre-receive'), hook);
    await chmod(join(folder, 'hooks', 'pre-receive'), 0o700);
  };

  // Two pushes at once must not find a repository that is only half created, nor a later one what a removal left of it.
  const creating = new Map<string, Promise<void>>();
  const open = async (app: string): Promise<string> => {
    const folder = folderOf(app);
    if (!creating.has(app) && !existsSync(join(folder, 'HEAD'))) {
      creating.set(
        app,
        create(app).finally(() => creating.delete(app)),
      );
    }
    await creating.get(app);
    return folder;
  };

  const serve: Repositories['serve'] = async ({ app, program, channel, preReceive, isDiskFull = false }) => {
    const folder = await open(app);
    const child = execa('sh', ['-c', isDiskFull ? runWithoutWrites : runAsIs, program, folder], {
      env: gitEnv(path),
      extendEnv: false,
      reject: false,
      buffer: false,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    channel.pipe(child.stdin);
    child.stdin.on('error', () => {});
    // A client that disconnects does not stop the deploy: git's output is then discarded.
    child.stdout.on('data', (chunk) => channel.writable && channel.write(chunk));
    child.stderr.on('data', (chunk) => channel.writable && channel.stderr.write(chunk));
    channel.on('error', () => {});
    channel.once('close', () => child.stdin.end());
    const [, , , request, output, verdict] = child.stdio as unknown as [
      unknown,
      unknown,
      unknown,
      Readable,
      Writable,
      Writable,
    ];
    for (const stream of [request, output, verdict]) stream.on('error', () => {});
    const answering = answerHook({ request, output, verdict }, preReceive);
    // The whole process group is killed, so the client loses its connection to git without an answer.
    void answering.then((decision) => {
      if (decision === 'killed') child.nodeChildProcess.kill('SIGKILL');
    });
    // Not execa's promise: it waits for the hook's descriptors too, which this process holds open.
    const exited = new Promise<number>((resolve) =>
      child.nodeChildProcess.once('exit', (code) => resolve(code ?? 128)),
    );
    const drained = [child.stdout, child.stderr].map((stream) => finished(stream).catch(() => undefined));
    const [exit] = await Promise.all([exited, ...drained]);
    for (const stream of [request, output, verdict]) stream.destroy();
    if ((await answering) !== 'killed') return exit;
    channel.stderr.write(`${killedMessage}\n`);
    return killedExit;
  };

  const resolve: Repositories['resolve'] = async (app, name) => {
    if (!existsSync(folderOf(app))) return undefined;
    const { stdout, failed } = await git(app, ['rev-parse', '--verify', '--quiet', name]);
    return failed ? undefined : stdout.trim();
  };

  const idOf: Repositories['idOf'] = (app, branch) => resolve(app, `refs/heads/${branch}`);

  const extract: Repositories['extract'] = (app, { env = {}, ...options }) =>
    checkOut({ ...options, repository: folderOf(app), env: { ...gitEnv(path), ...env } });

  const copy: Repositories['copy'] = async (from, to) => {
    if (!existsSync(folderOf(from))) return;
    await open(to);
    await git(to, ['fetch', '--quiet', folderOf(from), '+refs/heads/*:refs/heads/*']);
  };

  const run: Repositories['git'] = async (app, words, env) => {
    await open(app);
    const { stdout, stderr, exitCode = 128 } = await git(app, words, env);
    return { stdout, stderr, exitCode };
  };

  return { folderOf, serve, idOf, resolve, extract, copy, git: run };
}

function gitEnv(path: string): Record<string, string> {
  return {
    PATH: path,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
}

/** What bash prints about a git whose process group got SIGQUIT, and the exit code. */
const killedMessage =
  '/var/lib/dokku/plugins/available/git/functions: line 165:  9326 Quit                    git-shell -c "$args"';
const killedExit = 131;

/** Answers the hook of a push, if there is one. Returns the decision. */
async function answerHook(
  fds: { request: Readable; output: Writable; verdict: Writable },
  preReceive: PreReceive,
): Promise<Awaited<ReturnType<PreReceive>> | undefined> {
  const [objects = '', alternates = '', ...lines] = await readRequest(fds.request);
  const updates = lines.flatMap((line) => {
    const [oldId, newId, ref] = line.split(' ');
    return oldId && newId && ref ? [{ oldId, newId, ref }] : [];
  });
  if (updates.length === 0) return undefined;
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates };
  const decision = await preReceive({ updates, env, out: (line) => fds.output.write(`${line}\n`) });
  if (decision === 'killed') return decision;
  fds.output.end();
  fds.verdict.end(decision === 'accepted' ? '0\n' : '1\n');
  return decision;
}

async function readRequest(request: Readable): Promise<string[]> {
  let text = '';
  try {
    for await (const chunk of request) {
      text += String(chunk);
      if (text.endsWith('\nend\n')) break;
    }
  } catch {
    // git has ended without running the hook.
    return [];
  }
  return text.split('\n');
}
