import { join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type Git, gitError } from './git.ts';
import type { Repository } from './repository.ts';

// LFS's own filter would turn the files into pointers again.
const lfsDisabled = ['filter.lfs.clean=', 'filter.lfs.process=', 'filter.lfs.required=false'];

/**
 * Adds paths (or git pathspecs) of the work tree to the commit's tree and returns the new tree's id. Files that git ignores are
 * added too, LFS files with their content, and submodules, nested ones too, as the files of their checked-out commit.
 *
 * Throws `source-failed`.
 */
export async function buildTreeWithIncludes(
  repository: Repository,
  include: readonly string[],
): Promise<string> {
  const git = repository.git.withEnv({ GIT_INDEX_FILE: join(repository.scratch, 'index') });
  await git.text(['read-tree', repository.commit]);
  const embedded: string[] = [];
  for (;;) {
    const found = await findSubmodules(git, include);
    if (found.length === 0) break;
    for (const path of found) await embedSubmodule(git, path);
    embedded.push(...found);
  }
  const rest = include.filter((path) => !embedded.includes(normalizePath(path)));
  if (rest.length > 0) {
    const excluded = embedded.map((path) => `:(exclude,literal)${path}`);
    const settings = lfsDisabled.flatMap((setting) => ['-c', setting]);
    const added = await git.run([...settings, 'add', '--force', '--', ...rest, ...excluded]);
    if (added.kind === 'failed') throw includeError(include, added.stderr);
  }
  return git.text(['write-tree']);
}

async function findSubmodules(git: Git, include: readonly string[]): Promise<string[]> {
  const listed = await git.text(['ls-files', '--stage', '-z', '--', ...include]);
  return listed
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** Replaces the link to a submodule by the submodule's files. Its objects are copied, so that they can be sent. */
async function embedSubmodule(git: Git, path: string): Promise<void> {
  const inside = git.at(path);
  // In a submodule that is not checked out, git finds the project itself, and its prefix is the path.
  const asked = await inside.run(['rev-parse', '--show-prefix', 'HEAD^{tree}']);
  const [prefix, tree = ''] = asked.kind === 'ok' ? asked.stdout.toString().split('\n') : [undefined];
  if (prefix !== '') throw notCheckedOutError(path);
  const args = ['pack-objects', '--revs', '--stdout', '-q'];
  const packed = await inside.run(args, `${tree}\n`);
  if (packed.kind === 'failed') throw gitError(args, packed);
  await git.text(['unpack-objects', '-q'], packed.stdout);
  await git.text(['update-index', '--force-remove', '--', path]);
  await git.text(['read-tree', `--prefix=${path}/`, tree]);
}

function notCheckedOutError(path: string): DeployError {
  return new DeployError('source-failed', {
    message: `The submodule ${path} in source.include is not checked out.`,
    remedy: 'Set GIT_SUBMODULE_STRATEGY: recursive for the job.',
  });
}

function normalizePath(path: string): string {
  return path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
}

function includeError(include: readonly string[], said: string): DeployError {
  return new DeployError('source-failed', {
    message: `The paths in source.include could not be added: ${include.join(', ')}`,
    said: said.split('\n'),
    remedy: 'Check that an earlier step of the job creates them, and that they are inside the project.',
  });
}
