import type { Source, Warning } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { createExclusion } from './exclude.ts';
import { toByteString } from './included-files.ts';
import { findPointers, findPointersInWorkTree, pointerWarnings, usesLfs } from './lfs.ts';
import type { Repository } from './repository.ts';
import { checkSubmodules, readSubmoduleUrls } from './submodules.ts';
import { displayPath, readTree } from './tree.ts';

/**
 * Checks what of the commit would arrive incomplete on the host: submodules, and pointers of Git LFS. Returns warnings about what may
 * be meant so.
 *
 * Throws `source-incomplete` for what would certainly be missing, and `source-failed`.
 */
export async function checkCompleteness(repository: Repository, source: Source): Promise<Warning[]> {
  if (source.history === 'full') checkFullHistory(source);
  const { git, commit } = repository;
  const isShipped = createShippedTest(repository, source);
  const { attributes, gitmodules, ...found } = await findSpecialFiles(repository);
  const all = (await usesLfs(git, attributes)) ? await findPointers(git, commit.tree) : [];
  const pointers = all.filter(isShipped);
  // Those in a folder of the work tree are shipped as they are on disk.
  const submodules = source.dir === undefined ? found.submodules.filter(isShipped) : [];
  if (submodules.length === 0 && pointers.length === 0) return [];
  const included =
    source.dir === undefined ? await listIncluded(repository, source.include) : new Set(pointers);
  const urls = gitmodules === undefined ? new Map() : await readSubmoduleUrls(git, gitmodules);
  return [
    ...checkSubmodules(
      submodules.filter((path) => !included.has(path)).map((path) => ({ path, url: urls.get(path) })),
      source,
    ),
    ...(await warnAboutPointers(repository, source, { pointers, included })),
  ];
}

/** Returns the test whether a path of the commit is in the shipped folder and not excluded. */
function createShippedTest({ root }: Repository, { exclude = [] }: Source): (path: string) => boolean {
  const start = root === '' ? '' : `${toByteString(root)}/`;
  const isExcluded = createExclusion(exclude);
  return (path) => path.startsWith(start) && !isExcluded(displayPath(path.slice(start.length)));
}

/** The real commits are shipped as they are, so nothing can be added to them. */
function checkFullHistory({ include, exclude = [], extra, root, dir }: Source): void {
  const folder = dir ?? root;
  if (folder !== undefined || exclude.length > 0) {
    const change = folder === undefined ? 'no files can be excluded' : `${folder} cannot become the root`;
    throw new DeployError('source-incomplete', {
      message: `source.history: full ships the commits as they are, so ${change}.`,
      remedy: 'Use source.history: snapshot, which is the default.',
    });
  }
  const added = include.length > 0 ? 'the paths in source.include' : Object.keys(extra).join(', ');
  if (added === '') return;
  throw new DeployError('source-incomplete', {
    message: `source.history: full ships the commits as they are, so ${added} cannot be added.`,
    remedy: 'Use source.history: snapshot, which is the default.',
  });
}

interface SpecialFiles {
  /** Paths of submodules. */
  readonly submodules: readonly string[];
  /** Ids of .gitattributes files. */
  readonly attributes: readonly string[];
  /** The id of .gitmodules. */
  readonly gitmodules: string | undefined;
}

async function findSpecialFiles({ git, commit, root }: Repository): Promise<SpecialFiles> {
  const submodules: string[] = [];
  const attributes: string[] = [];
  let gitmodules: string | undefined;
  for await (const { mode, id, path } of readTree(git, commit.tree)) {
    // Attributes and the list of submodules count from the top folder down, whichever folder is shipped.
    if (mode === '160000') submodules.push(path);
    else if (path === '.gitmodules') gitmodules = root === '' ? id : undefined;
    else if (path === '.gitattributes' || path.endsWith('/.gitattributes')) attributes.push(id);
  }
  return { submodules, attributes, gitmodules };
}

/** Returns the paths of the commit that source.include names. */
async function listIncluded(repository: Repository, include: readonly string[]): Promise<Set<string>> {
  if (include.length === 0) return new Set();
  const git = repository.git.at(repository.clone.folder).withEnv({ GIT_WORK_TREE: repository.workTree });
  await git.text(['read-tree', repository.commit.id]);
  const listed = await git.run(['ls-files', '-z', '--full-name', '--', ...include]);
  return new Set(listed.kind === 'ok' ? listed.stdout.toString('latin1').split('\0') : []);
}

async function warnAboutPointers(
  { workTree }: Repository,
  { history }: Source,
  found: { readonly pointers: readonly string[]; readonly included: ReadonlySet<string> },
): Promise<Warning[]> {
  const missing = new Set(await findPointersInWorkTree(workTree, found.pointers));
  const present = found.pointers.filter((path) => !missing.has(path) && !found.included.has(path));
  const snapshot = history === 'full' ? 'use source.history: snapshot, and ' : '';
  return [
    ...pointerWarnings(
      [...missing],
      'download it before the deploy (unset GIT_LFS_SKIP_SMUDGE, or run git lfs pull)',
    ),
    ...pointerWarnings(present, `${snapshot}add their paths to source.include`),
  ];
}
