import { writeFileSync } from 'node:fs';
import { type ImageContents, readImage } from './layers.ts';
import { bundledPackages, debianPackages, type Part } from './packages.ts';

interface Described {
  readonly image: string;
  readonly arch: string;
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
}

/** Writes the list of an image's parts into dist/ and gives its path. */
export async function writeSbom(described: Described): Promise<string> {
  const path = `dist/dokku-deployer-${described.arch}.cdx.json`;
  const sbom = sbomOf(await readImage(described.image), described);
  writeFileSync(path, `${JSON.stringify(sbom, null, 2)}\n`);
  return path;
}

/** The image's parts as CycloneDX 1.5. The same image gives the same text. */
export function sbomOf(contents: ImageContents, { arch, version, created }: Described) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: created,
      component: { type: 'container', 'bom-ref': 'dokku-deployer', name: 'dokku-deployer', version },
    },
    components: [...debianPackages(contents), ...bundledPackages(arch)].map(component),
  };
}

function component(part: Part) {
  return {
    type: 'library',
    'bom-ref': purl(part),
    name: part.name,
    version: part.version,
    purl: purl(part),
    ...(part.license === undefined ? {} : { licenses: [{ expression: part.license }] }),
  };
}

/** The package URL, whose rules are at github.com/package-url/purl-spec. */
function purl({ from, name, version, arch, source }: Part): string {
  if (from === 'npm') return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;
  const upstream = source ? `&upstream=${source}` : '';
  return `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}&distro=debian-12${upstream}`;
}
