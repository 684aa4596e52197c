import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readLimitedFile } from './read-file.ts';

/** What can be read from a checkout without git, for a run outside GitLab. */
export interface Checkout {
  readonly branch: string | undefined;
  /** `group/project` from the URL of the remote `origin`, else the folder's name. */
  readonly project: string;
}

/** Reads a checkout's branch and project. Never throws: without a readable repository, the folder's name is the project. */
export async function readCheckout(folder: string): Promise<Checkout> {
  const git = await findGitFolder(folder);
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(await readText(join(git, 'HEAD')))?.[1];
  const project = parseRemotePath(await readText(join(git, 'config'))) ?? basename(folder);
  return { branch, project };
}

/** In a linked work tree, `.git` is a file with the path of the real folder. */
async function findGitFolder(folder: string): Promise<string> {
  const dotGit = join(folder, '.git');
  const named = /^gitdir: (.+)$/m.exec(await readText(dotGit))?.[1];
  return named ? resolve(folder, named) : dotGit;
}

function readText(path: string): Promise<string> {
  return readLimitedFile(path).then(
    (bytes) => bytes.toString('utf8'),
    () => '',
  );
}

function parseRemotePath(config: string): string | undefined {
  const url = /\[remote "origin"\][^[]*?url\s*=\s*(\S+)/.exec(config)?.[1];
  return url === undefined ? undefined : /[:/]([^:/]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1];
}

/** Whether a folder is in a git repository, as git itself would find it. */
export async function isInRepository(folder: string): Promise<boolean> {
  const found = await stat(join(folder, '.git')).then(
    () => true,
    () => false,
  );
  const parent = dirname(folder);
  return found || (parent !== folder && (await isInRepository(parent)));
}
