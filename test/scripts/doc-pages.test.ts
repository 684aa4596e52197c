import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateDocs } from '../../scripts/doc-pages.ts';
import { errorCatalogue } from '../../src/errors.ts';

test('the generated pages are up to date: npm run docs writes them', async () => {
  for (const [path, text] of Object.entries(await generateDocs())) {
    expect(readFileSync(path, 'utf8'), path).toBe(text);
  }
});

test('every link and picture in the documentation leads to a file', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')];
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/(?:\]\(|<img src=")([^)#:"]+)(?:#[^)]*)?[)"]/g)]
      .map(([, target = '']) => new URL(target, new URL(page, 'file:///')).pathname.slice(1))
      .filter((target) => globSync(target).length === 0)
      .map((target) => `${page} -> ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every code of the catalogue is raised somewhere', () => {
  const source = globSync('src/**/*.ts')
    .filter((path) => path !== 'src/errors.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  expect(Object.keys(errorCatalogue).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});
