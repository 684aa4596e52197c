import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { sampleFiles } from './sample-app.ts';

/** Copies of the recorder's clones. Each recorded git command runs in one of them. */
export interface Workspace extends AsyncDisposable {
  /** Runs a recorded git command against the sandbox, after the local steps that precede it. */
  readonly run: (
    id: string,
    words: string,
  ) => Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }>;
}

type Files = Readonly<Record<string, string | undefined>>;

interface Folder {
  readonly git: (...words: readonly string[]) => Promise<unknown>;
  readonly commit: (files: Files) => Promise<void>;
}

const env = {
  GIT_AUTHOR_NAME: 'Recorder',
  GIT_AUTHOR_EMAIL: 'recorder@example.com',
  GIT_COMMITTER_NAME: 'Recorder',
  GIT_COMMITTER_EMAIL: 'recorder@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

const folderAt = (path: string): Folder => {
  const git = (...words: readonly string[]) => execa('git', words, { cwd: path, env });
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
};

const addCheck = (path: string) => ({
  web: [{ type: 'startup', path, attempts: 2, port: 5000, timeout: 2, wait: 1 }],
});

const manifest = (scripts: object, path = '/'): Files => ({
  'app.json': JSON.stringify({ scripts, healthchecks: addCheck(path) }),
});

const page = (text: string): Files => ({ 'www/index.html': text });

const broken: Files = { Dockerfile: 'FROM dokkulab/base:1\nRUNN true\n' };

/**
 * The folder in which a recorded git command runs, and the steps before it. `fresh` creates the folder with these files.
 * Records without an entry run in the folder of the record before.
 */
const steps: Readonly<
  Record<
    string,
    { readonly in: string; readonly fresh?: Files; readonly before?: (folder: Folder) => Promise<unknown> }
  >
> = {
  'git-007': { in: 'w', fresh: sampleFiles },
  'git-019': { in: 'w', before: ({ commit }) => commit(page('two')) },
  'git-030': { in: 'w', before: ({ git }) => git('reset', '--hard', 'HEAD~1') },
  'git-031': { in: 'w', before: ({ commit }) => commit(page('other')) },
  'git-034': { in: 'w', before: ({ commit }) => commit({}) },
  'git-039': { in: 'w', before: ({ git }) => git('tag', '-a', '-m', 'one', 'v1.0') },
  'git-045': { in: 'shallow-1', before: async () => undefined },
  'git-046': { in: 'shallow-20' },
  'git-047': { in: 'long' },
  'git-048': { in: 'shallow-20', before: ({ commit }) => commit(page('next')) },
  'git-049': { in: 'shallow-1', before: ({ git }) => git('fetch', '--unshallow', '--quiet') },
  'git-050': { in: 'fail', fresh: { ...sampleFiles, ...broken } },
  'git-056': { in: 'fail', before: ({ commit }) => commit(page('again')) },
  'git-057': { in: 'fail', before: ({ commit }) => commit(page('and again')) },
  'git-058': { in: 'nodf', fresh: { 'README.md': 'nothing to build\n' } },
  'git-059': {
    in: 'pre',
    fresh: { ...sampleFiles, ...manifest({ dokku: { predeploy: 'echo pre; exit 4' } }) },
  },
  'git-062': {
    in: 'post',
    fresh: { ...sampleFiles, ...manifest({ dokku: { postdeploy: 'echo post; exit 5' } }) },
  },
  'git-065': { in: 'post1', fresh: { ...sampleFiles, ...manifest({ postdeploy: 'echo first; exit 6' }) } },
  'git-067': { in: 'post1', before: ({ commit }) => commit({}) },
  'git-068': { in: 'hc', fresh: { ...sampleFiles, ...manifest({}, '/nope') } },
  'git-070': { in: 'hc', before: ({ commit }) => commit({ 'app.json': sampleFiles['app.json'] }) },
  'git-071': { in: 'hc', before: ({ commit }) => commit(manifest({}, '/nope')) },
  'git-074': {
    in: 'crash',
    fresh: { ...sampleFiles, 'app.json': undefined, 'start.sh': 'echo dying\nexit 1\n' },
  },
  'git-075': { in: 'badjson', fresh: { ...sampleFiles, 'app.json': '{"scripts": {' } },
  'git-077': {
    in: 'full',
    fresh: {
      'README.md': 'nothing to build\n',
      'app.json': JSON.stringify({ buildpacks: [{ url: 'x' }], formation: { web: { quantity: 1 } } }),
    },
  },
  'git-088': { in: 'full', before: ({ commit }) => commit({}) },
  'git-076': {
    in: 'req',
    fresh: { ...sampleFiles, 'app.json': JSON.stringify({ env: { NEEDED: { required: true } } }) },
  },
};

const makeLong = async (root: string): Promise<void> => {
  const path = join(root, 'long');
  await execa('git', ['init', '--quiet', '--initial-branch=master', path], { env });
  const { commit } = folderAt(path);
  await commit(sampleFiles);
  for (let count = 0; count < 24; count += 1) await commit(page(String(count)));
  for (const depth of [1, 20]) {
    const words = ['clone', '--quiet', `--depth=${depth}`, `file://${path}`, join(root, `shallow-${depth}`)];
    await execa('git', words, { env });
  }
};

/** Creates the folders, with a key that the sandbox accepts. */
export const createWorkspace = async (sandbox: Sandbox): Promise<Workspace> => {
  const root = await mkdtemp(join(tmpdir(), 'dokku-conformance-git-'));
  const key = join(root, 'key');
  const hosts = join(root, 'known_hosts');
  await writeFile(key, sandbox.privateKey, { mode: 0o600 });
  await writeFile(hosts, sandbox.knownHosts);
  await makeLong(root);
  let current = join(root, 'long');
  const prepare = async (id: string): Promise<void> => {
    const step = steps[id];
    if (!step) return;
    current = join(root, step.in);
    const folder = folderAt(current);
    if (step.fresh) {
      await execa('git', ['init', '--quiet', '--initial-branch=master', current], { env });
      await folder.commit(step.fresh);
    }
    await step.before?.(folder);
  };
  return {
    run: async (id, words) => {
      await prepare(id);
      const line = words
        .replaceAll('127.0.0.1:3022', `127.0.0.1:${sandbox.port}`)
        .replaceAll('/srv/recorder/w', root);
      const ssh = `ssh -F /dev/null -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${hosts}`;
      const { exitCode, stdout, stderr } = await execa('sh', ['-c', `git ${line}`], {
        cwd: current,
        env: { ...env, GIT_SSH_COMMAND: ssh, LC_ALL: 'C' },
        reject: false,
        stripFinalNewline: false,
      });
      return { exit: exitCode ?? -1, stdout, stderr: stderr.replaceAll(root, '/srv/recorder/w') };
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
};
