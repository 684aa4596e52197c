import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const identity = {
  GIT_AUTHOR_NAME: 'Zoé Martin',
  GIT_AUTHOR_EMAIL: 'zoe@example.com',
  GIT_COMMITTER_NAME: 'Zoé Martin',
  GIT_COMMITTER_EMAIL: 'zoe@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** A git repository in a temporary folder; disposing it removes the folder. */
export interface TestRepository extends Disposable {
  readonly folder: string;
  readonly git: (...words: string[]) => string;
  /** Writes files, commits them, and returns the commit's id. */
  readonly commit: (files: Readonly<Record<string, string>>, message?: string) => string;
}

const inFolder = (folder: string, remove: string): TestRepository => {
  const git = (...words: string[]): string =>
    execFileSync('git', words, {
      cwd: folder,
      env: { ...process.env, ...identity },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  return {
    folder,
    git,
    commit: (files, message = 'Change it') => {
      for (const [name, text] of Object.entries(files)) write(name, text);
      git('add', '--all', '--force');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
    [Symbol.dispose]: () => rmSync(remove, { recursive: true, force: true }),
  };
};

/** An empty repository on a branch. */
export const aRepository = (branch = 'my-branch'): TestRepository => {
  const folder = mkdtempSync(join(tmpdir(), 'repository-'));
  const repository = inFolder(folder, folder);
  repository.git('init', '--quiet', `--initial-branch=${branch}`);
  return repository;
};

/** A clone like a runner's: detached at a commit, and shallow unless `depth` is undefined. */
export const aClone = (origin: TestRepository, depth: number | undefined): TestRepository => {
  const parent = mkdtempSync(join(tmpdir(), 'clone-'));
  const folder = join(parent, 'clone');
  const limits = depth === undefined ? [] : [`--depth=${depth}`];
  execFileSync('git', ['clone', '--quiet', ...limits, `file://${origin.folder}`, folder], {
    stdio: 'ignore',
  });
  const clone = inFolder(folder, parent);
  clone.git('checkout', '--quiet', '--detach');
  return clone;
};

/** A folder that is not a repository. */
export const aFolder = (): { readonly folder: string } & Disposable => {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
};
