import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundledFolders } from './packages.ts';

/** Writes the licences to the file that the Dockerfile copies. Whoever distributes the binary must distribute them with it. */
export function writeLicenses(arch: string): void {
  writeFileSync('dist/licenses.txt', collectLicenses(arch));
}

const rule = `\n${'-'.repeat(80)}\n\n`;

/** Returns the licences of this project and of everything in its binary. */
export function collectLicenses(arch: string): string {
  return [readFileSync('LICENSE', 'utf8'), ...bundledFolders(arch).map(readLicense)].join(rule);
}

/** Returns the package's licence files, or what its manifest says if it has none. */
function readLicense(folder: string): string {
  const texts = readdirSync(folder)
    .filter(isLicense)
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim());
  const manifest = readFileSync(`${folder}/package.json`, 'utf8');
  const { name, version, license, author } = JSON.parse(manifest) as Readonly<Record<string, unknown>>;
  const by = typeof author === 'string' ? author : ((author as { name?: string } | undefined)?.name ?? name);
  // Older manifests state the licence in another form, and contain a file with its text.
  const kind = license === undefined ? '' : ` (${license})`;
  return `${name} ${version}${kind}\n\n${texts.length > 0 ? texts.join('\n\n') : `${license}, by ${by}`}\n`;
}

function isLicense(name: string): boolean {
  return /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(name);
}
