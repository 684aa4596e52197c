import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateDocs } from '../../scripts/doc-pages.ts';
import { errorCatalogue } from '../../src/errors.ts';

test('the generated pages are up to date (run npm run docs)', async () => {
  for (const [path, text] of Object.entries(await generateDocs())) {
    expect(readFileSync(path, 'utf8'), path).toBe(text);
  }
});

test('every link and picture in the documentation points to an existing file', () => {
  const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')];
  const broken = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/(?:\]\(|<img src=")([^)#:"]+)(?:#[^)]*)?[)"]/g)]
      .map(([, target = '']) => new URL(target, new URL(page, 'file:///')).pathname.slice(1))
      .filter((target) => globSync(target).length === 0)
      .map((target) => `${page} -> ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every error code in the catalogue is used in src', () => {
  const source = globSync('src/**/*.ts')
    .filter((path) => path !== 'src/errors.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  expect(Object.keys(errorCatalogue).filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});
