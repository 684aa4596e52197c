import { readFileSync } from 'node:fs';
import type { ImageContents, ImageFile } from './layers.ts';

/** A package that files of the image come from. */
export interface ImagePackage {
  readonly from: 'debian' | 'npm';
  readonly name: string;
  readonly version: string;
  /** From npm's lock file. Undefined for Debian packages, whose licences are in their copyright files. */
  readonly license: string | undefined;
  readonly arch: string | undefined;
  /** Debian's source package, if its name differs. */
  readonly source: string | undefined;
}

/** Returns the Debian packages in an image, from its dpkg metadata. */
export function debianPackages({ status }: ImageContents): ImagePackage[] {
  return [...status]
    .filter(([file]) => !file.endsWith('.md5sums'))
    .map(([name, paragraph]) => ({
      from: 'debian' as const,
      name,
      version: field(paragraph, 'Version') ?? '',
      license: undefined,
      arch: field(paragraph, 'Architecture'),
      source: field(paragraph, 'Source')?.split(' ')[0],
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function field(paragraph: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(paragraph)?.[1];
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly license?: string }>>;
}

/** Returns the npm packages whose code is in the binary. */
export function bundledPackages(arch: string): ImagePackage[] {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile;
  return bundledFolders(arch).map((folder) => ({
    from: 'npm' as const,
    name: folder.replace(/^.*node_modules\//, ''),
    version: packages[folder]?.version ?? '',
    license: packages[folder]?.license,
    arch: undefined,
    source: undefined,
  }));
}

/** Returns the folders of the npm packages whose code is in the bundle, according to its source map, and of its Node. */
export function bundledFolders(arch: string): string[] {
  const { sources } = JSON.parse(readFileSync('dist/dokku-deploy.cjs.map', 'utf8')) as { sources: string[] };
  const folders = new Set(sources.map(packageFolder).filter((folder) => folder !== undefined));
  return [...folders, `node_modules/node-linux-${arch}`].sort();
}

function packageFolder(source: string): string | undefined {
  return /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/.exec(source)?.[1]?.replace(/\/$/, '');
}

/** Groups the image's files by the package that they come from. A link belongs to the package of its target. */
export function filesByPackage({ files, status }: ImageContents): Map<string, ImageFile[]> {
  const owners = new Map<string, string>();
  for (const [file, sums] of status) {
    if (!file.endsWith('.md5sums')) continue;
    for (const [, path = ''] of sums.matchAll(/^\S+ {2}(.+)$/gm)) owners.set(path, file.slice(0, -8));
  }
  const ownerOf = ({ path, target }: ImageFile): string => {
    if (/\/dokku-deploy(\/|$)/.test(path)) return 'dokku-deploy';
    const named = /^(?:usr\/share\/doc|var\/lib\/dpkg\/status\.d)\/([^/]+?)(?:\.md5sums)?(?:\/|$)/.exec(path);
    const linked = target === undefined ? undefined : owners.get(`usr/bin/${target.replace(/^.*\//, '')}`);
    return named?.[1] ?? owners.get(path) ?? linked ?? '(created for the image)';
  };
  return Map.groupBy(
    files.filter(({ kind }) => kind !== 'directory'),
    ownerOf,
  );
}
