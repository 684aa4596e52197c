import { readFileSync } from 'node:fs';
import type { ImageContents, ImageFile } from './layers.ts';

/** A package that something of the image is from. */
export interface ImagePackage {
  readonly from: 'debian' | 'npm';
  readonly name: string;
  readonly version: string;
  /** As npm's lock file has it; Debian's are in the package's copyright file. */
  readonly license: string | undefined;
  readonly arch: string | undefined;
  /** Debian's name of the source package, where it differs. */
  readonly source: string | undefined;
}

/** Debian's packages in an image, by dpkg's own words there. */
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

/** The npm packages whose code is in the binary. */
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

/** Where the npm packages lie whose code is in the bundle, as its source map tells, and the Node that runs it. */
export function bundledFolders(arch: string): string[] {
  const { sources } = JSON.parse(readFileSync('dist/dokku-deploy.cjs.map', 'utf8')) as { sources: string[] };
  const folders = new Set(sources.map(packageFolder).filter((folder) => folder !== undefined));
  return [...folders, `node_modules/node-linux-${arch}`].sort();
}

function packageFolder(source: string): string | undefined {
  return /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/.exec(source)?.[1]?.replace(/\/$/, '');
}

/** The image's files by the package they are from; a link goes with its target. */
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
    return named?.[1] ?? owners.get(path) ?? linked ?? '(made for the image)';
  };
  return Map.groupBy(
    files.filter(({ kind }) => kind !== 'directory'),
    ownerOf,
  );
}
