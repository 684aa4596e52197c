import { writeFileSync } from 'node:fs';
import { type ImageContents, readImage } from './layers.ts';
import { bundledPackages, debianPackages, type ImagePackage } from './packages.ts';

interface SbomOptions {
  readonly image: string;
  readonly arch: string;
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
}

/** Writes the image's SBOM to dist/ and returns its path. */
export async function writeSbom(options: SbomOptions): Promise<string> {
  const path = `dist/dokku-deployer-${options.arch}.cdx.json`;
  const sbom = buildSbom(await readImage(options.image), options);
  writeFileSync(path, `${JSON.stringify(sbom, null, 2)}\n`);
  return path;
}

/** Returns the image's packages as a CycloneDX 1.5 document. The same image gives the same document. */
export function buildSbom(contents: ImageContents, { arch, version, created }: SbomOptions) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: created,
      component: { type: 'container', 'bom-ref': 'dokku-deployer', name: 'dokku-deployer', version },
    },
    components: [...debianPackages(contents), ...bundledPackages(arch)].map(toComponent),
  };
}

function toComponent(part: ImagePackage) {
  return {
    type: 'library',
    'bom-ref': formatPurl(part),
    name: part.name,
    version: part.version,
    purl: formatPurl(part),
    ...(part.license === undefined ? {} : { licenses: [{ expression: part.license }] }),
  };
}

/** Returns the package URL: https://github.com/package-url/purl-spec */
function formatPurl({ from, name, version, arch, source }: ImagePackage): string {
  if (from === 'npm') return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
  const upstream = source ? `&upstream=${source}` : '';
  return `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}&distro=debian-12${upstream}`;
}
