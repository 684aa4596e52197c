import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Files by path; undefined removes one. */
export type Files = Readonly<Record<string, string | undefined>>;

/** A clone of the recorder. */
export interface Folder {
  /** Runs git and returns its standard output. */
  readonly git: (...words: readonly string[]) => Promise<string>;
  readonly commit: (files: Files) => Promise<void>;
}

/**
 * The folder in which a recorded git command runs, and the steps before it. `fresh` creates the folder with these files.
 * Records without a step run in the folder of the record before.
 */
export interface GitStep {
  readonly in: string;
  readonly fresh?: Files;
  readonly before?: (folder: Folder) => Promise<unknown>;
  /** Ids of the recorder's commits that records name, and the revisions here that correspond to them. */
  readonly commits?: Readonly<Record<string, string>>;
}

export interface GitResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Copies of the recorder's clones. Each recorded git command runs in one of them. */
export interface Workspace extends AsyncDisposable {
  /** Runs a recorded git command against the sandbox, after the local steps that precede it. `kill` ends the client. */
  readonly run: (id: string, words: string, kill?: AbortSignal) => Promise<GitResult>;
  /** Replaces the ids of the recorder's commits in a command by those of this workspace. */
  readonly line: (argv: string) => string;
}

const env = {
  GIT_AUTHOR_NAME: 'Recorder',
  GIT_AUTHOR_EMAIL: 'recorder@example.com',
  GIT_COMMITTER_NAME: 'Recorder',
  GIT_COMMITTER_EMAIL: 'recorder@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** Creates a workspace with a key that the sandbox accepts. `prepare` may create folders that steps refer to. */
export async function createWorkspace(
  sandbox: Pick<Sandbox, 'port' | 'privateKey' | 'knownHosts'>,
  steps: Readonly<Record<string, GitStep>>,
  prepare: (root: string) => Promise<void>,
): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'dokku-conformance-git-'));
  const key = join(root, 'key');
  const hosts = join(root, 'known_hosts');
  await writeFile(key, sandbox.privateKey, { mode: 0o600 });
  await writeFile(hosts, sandbox.knownHosts);
  await prepare(root);
  const ids = new Map<string, string>();
  const line = (text: string): string =>
    [...ids].reduce((rest, [recorded, here]) => rest.replaceAll(recorded, here), text);
  const ssh = `ssh -F /dev/null -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${hosts}`;
  let current = root;
  const run: Workspace['run'] = async (id, words, kill) => {
    const step = steps[id];
    if (step) current = await takeStep(root, step, ids);
    const text = line(words)
      .replaceAll('127.0.0.1:3022', `127.0.0.1:${sandbox.port}`)
      .replaceAll('/srv/recorder/w', root);
    const { exitCode, stdout, stderr } = await execa('sh', ['-c', `exec git ${text}`], {
      cwd: current,
      env: { ...env, GIT_SSH_COMMAND: ssh, LC_ALL: 'C' },
      reject: false,
      stripFinalNewline: false,
      ...(kill ? { cancelSignal: kill } : {}),
    });
    return { exit: exitCode ?? -1, stdout, stderr: stderr.replaceAll(root, '/srv/recorder/w') };
  };
  return { run, line, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

/** Prepares the folder of a step and returns its path. */
async function takeStep(root: string, step: GitStep, ids: Map<string, string>): Promise<string> {
  const path = join(root, step.in);
  const folder = step.fresh ? await createFolder(path, step.fresh) : openFolder(path);
  await step.before?.(folder);
  for (const [recorded, revision] of Object.entries(step.commits ?? {})) {
    ids.set(recorded, await folder.git('rev-parse', revision));
  }
  return path;
}

/** Creates a repository with one commit of these files. */
export async function createFolder(path: string, files: Files): Promise<Folder> {
  await execa('git', ['init', '--quiet', '--initial-branch=master', path], { env });
  const folder = openFolder(path);
  await folder.commit(files);
  return folder;
}

function openFolder(path: string): Folder {
  const git: Folder['git'] = async (...words) => (await execa('git', words, { cwd: path, env })).stdout;
  return {
    git,
    commit: async (files) => {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(join(path, name, '..'), { recursive: true });
        if (content === undefined) await rm(join(path, name), { force: true });
        else await writeFile(join(path, name), content);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '-m', 'change');
    },
  };
}
