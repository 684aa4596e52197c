import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const docs = new URL('../../docs/', import.meta.url);

/** The pages that promise something: each promise is an item of a list that links to the tests that show it. */
const pages = ['security.md', 'limits.md'].filter((page) => existsSync(new URL(page, docs)));

/** The items of the lists of a page, each as one line. */
const itemsOf = (page: string): string[] => {
  const text = readFileSync(new URL(page, docs), 'utf8').replace(/^Not covered.*?\n\n(?=[^-])/ms, '');
  return text.match(/^- .*(?:\n {2}.*)*/gm)?.map((item) => item.replace(/\s+/g, ' ')) ?? [];
};

interface TestLink {
  readonly file: string;
  readonly title: string;
}

const linksOf = (item: string): TestLink[] =>
  [...item.matchAll(/\]\((\.\.\/test\/[^ ]+) "([^"]+)"\)/g)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));

/** Whether a test or a group of tests with this title exists, or a case of one. */
const exists = ({ file, title }: TestLink): boolean => {
  const url = new URL(file, docs);
  return existsSync(url) && readFileSync(url, 'utf8').includes(`'${title}'`);
};

describe.each(pages)('docs/%s', (page) => {
  const section = /## Against whom.*?(?=\n## )/s.exec(readFileSync(new URL(page, docs), 'utf8'))?.[0] ?? '';
  const promises = itemsOf(page).filter((item) => !section.replace(/\s+/g, ' ').includes(item));

  test('names a test for each promise', () => {
    expect(promises.length).toBeGreaterThan(5);
    expect(promises.filter((item) => linksOf(item).length === 0)).toEqual([]);
  });

  test('names only tests that exist', () => {
    expect(promises.flatMap(linksOf).filter((link) => !exists(link))).toEqual([]);
  });
});
