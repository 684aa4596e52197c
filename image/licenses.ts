import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { bundledFolders } from './packages.ts';

/** Writes them to where the Dockerfile takes them from. Those who pass the binary on have to pass them on, too. */
export function writeLicenses(arch: string): void {
  writeFileSync('dist/licenses.txt', collectLicenses(arch));
}

const rule = `\n${'-'.repeat(80)}\n\n`;

/** The licences of this project and of all that is in its binary. */
export function collectLicenses(arch: string): string {
  return [readFileSync('LICENSE', 'utf8'), ...bundledFolders(arch).map(readLicense)].join(rule);
}

/** A package's own words; where it has none, what its manifest says. */
function readLicense(folder: string): string {
  const texts = readdirSync(folder)
    .filter(isLicense)
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim());
  const manifest = readFileSync(`${folder}/package.json`, 'utf8');
  const { name, version, license, author } = JSON.parse(manifest) as Readonly<Record<string, unknown>>;
  const by = typeof author === 'string' ? author : ((author as { name?: string } | undefined)?.name ?? name);
  // Older manifests have it in another form, and a file with the text.
  const kind = license === undefined ? '' : ` (${license})`;
  return `${name} ${version}${kind}\n\n${texts.length > 0 ? texts.join('\n\n') : `${license}, by ${by}`}\n`;
}

function isLicense(name: string): boolean {
  return /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(name);
}
