import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const code = globSync('{src,test,sandbox}/**/*.ts', { cwd: root })
  .filter((file) => file !== 'test/docs/guide.test.ts')
  .map(read)
  .join('\n');

/** The code spans of a page, without those that are marked as new: `src/dokku/checks.ts` (new). */
const codeSpans = (page: string): string[] =>
  [...read(page).matchAll(/`([^`\n]+)`(?:\*\*)?(\s\(new\))?/g)].flatMap(([, span = '', isNew]) =>
    isNew ? [] : [span],
  );

test.each([
  ['CONTRIBUTING.md', ''],
  ['docs/architecture.md', 'src/'],
])('each path in %s exists', (page, folder) => {
  const paths = codeSpans(page).filter((span) => /^[\w.-]+(\/[\w.-]+)+(\.\w+)?\/?$/.test(span));
  expect(paths.length).toBeGreaterThan(3);
  expect(
    paths.filter((path) => !existsSync(`${root}${path}`) && !existsSync(`${root}${folder}${path}`)),
  ).toEqual([]);
});

test.each(['CONTRIBUTING.md', 'docs/architecture.md'])('each name of code in %s is in the code', (page) => {
  const names = codeSpans(page).flatMap(
    (span) => /^[a-z]\w*[A-Z]\w*(?=$|\()|^[A-Z][a-z]\w*$/.exec(span) ?? [],
  );
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
});

test('the README lists every command', () => {
  const listed = [...read('README.md').matchAll(/^\| `dokku-deploy ([a-z ]+)/gm)].map(([, words = '']) =>
    words.trim(),
  );
  expect(listed).toEqual(commands.map(({ words }) => words.join(' ')));
});
