import type { Source, Warning } from '../context/context.ts';
import { DeployError } from '../errors.ts';
import { findPointers, findPointersInWorkTree, pointerWarnings, usesLfs } from './lfs.ts';
import type { Repository } from './repository.ts';
import { checkSubmodules, readSubmoduleUrls } from './submodules.ts';
import { readTree } from './tree.ts';

/**
 * Checks what of the commit would arrive incomplete on the host: submodules, and pointers of Git LFS. Returns warnings about what may
 * be meant so.
 *
 * Throws `source-incomplete` for what would certainly be missing, and `source-failed`.
 */
export async function checkCompleteness(repository: Repository, source: Source): Promise<Warning[]> {
  if (source.history === 'full') checkFullHistory(source);
  const { git, commit, root } = repository;
  const { submodules, attributes, gitmodules } = await findSpecialFiles(repository);
  const found = (await usesLfs(git, attributes)) ? await findPointers(git, commit.tree) : [];
  const pointers = found.filter((path) => root === '' || path.startsWith(`${root}/`));
  if (submodules.length === 0 && pointers.length === 0) return [];
  const included = await listIncluded(repository, source.include);
  const urls = gitmodules === undefined ? new Map() : await readSubmoduleUrls(git, gitmodules);
  return [
    ...checkSubmodules(
      submodules.filter((path) => !included.has(path)).map((path) => ({ path, url: urls.get(path) })),
      source,
    ),
    ...(await warnAboutPointers(repository, source, { pointers, included })),
  ];
}

/** The real commits are shipped as they are, so nothing can be added to them. */
function checkFullHistory({ include, extra, root }: Source): void {
  if (root !== undefined) {
    throw new DeployError('source-incomplete', {
      message: `source.history: full ships the commits as they are, so ${root} cannot become the root.`,
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
  const isShipped = (path: string): boolean => root === '' || path.startsWith(`${root}/`);
  for await (const { mode, id, path } of readTree(git, commit.tree)) {
    // Attributes and the list of submodules count from the top folder down, whichever folder is shipped.
    if (mode === '160000') {
      if (isShipped(path)) submodules.push(path);
    } else if (path === '.gitmodules') gitmodules = root === '' ? id : undefined;
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
