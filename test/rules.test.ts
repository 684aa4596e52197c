import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const sources = globSync('src/**/*.ts', { cwd: root }).sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The way of the data: a folder imports from itself and from those before it. */
const flow = [
  'environment',
  'context',
  'dokku',
  'plan',
  'host',
  'source',
  'gitlab',
  'apply',
  'report',
  'notify',
  'sandbox',
  'cli',
];

/** Files directly in src: free to all but `main.ts`, which nobody imports. */
const folderOf = (file: string): string => file.split('/').at(1) ?? '';

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );

const wrongWay = (file: string): string[] => {
  const from = flow.indexOf(folderOf(file));
  return importsOf(file)
    .filter((target) => target.startsWith('src/') && target.split('/').length > 2)
    .filter((target) => {
      const to = flow.indexOf(folderOf(target));
      if (folderOf(file) === 'sandbox') return folderOf(target) !== 'sandbox';
      return file !== 'src/main.ts' && (to === -1 || to > from);
    })
    .map((target) => `${file} -> ${target}`);
};

describe('the rules of the house', () => {
  test('every folder of src is in the flow', () => {
    const folders = new Set(sources.filter((file) => file.split('/').length > 2).map(folderOf));
    expect([...folders].filter((folder) => !flow.includes(folder))).toEqual([]);
  });

  test('folders are one level deep', () => {
    expect(sources.filter((file) => file.split('/').length > 3)).toEqual([]);
  });

  test('imports go one way, and the sandbox imports nothing of the client', () => {
    expect(sources.flatMap(wrongWay)).toEqual([]);
  });

  test('no file needs itself by way of others', () => {
    const reached = (file: string, seen: Set<string>): Set<string> => {
      for (const target of importsOf(file)) {
        if (seen.has(target)) continue;
        seen.add(target);
        reached(target, seen);
      }
      return seen;
    };
    expect(sources.filter((file) => reached(file, new Set()).has(file))).toEqual([]);
  });

  test('only main.ts touches the process', () => {
    const touching = sources.filter((file) => /(?<![/-])\bprocess\.(?!platform|arch)\w+/.test(textOf(file)));
    expect(touching).toEqual(['src/main.ts']);
  });

  test('only host/process.ts and the sandbox start programs', () => {
    const starting = sources.filter((file) => /'(execa|node:child_process)'/.test(textOf(file)));
    expect(starting.filter((file) => folderOf(file) !== 'sandbox')).toEqual(['src/host/process.ts']);
  });

  test('no file is over 250 lines', () => {
    const long = sources.filter((file) => textOf(file).split('\n').length > 251);
    expect(long).toEqual([]);
  });

  test('there are no default exports, barrels or catch-all files', () => {
    expect(sources.filter((file) => /^export default|^export \* from/m.test(textOf(file)))).toEqual([]);
    expect(sources.filter((file) => /\/(utils?|helpers?|common|shared|types|index)\.ts$/.test(file))).toEqual(
      [],
    );
  });

  test('plans know neither clock, chance, environment nor files', () => {
    const pure = sources.filter((file) => /^src\/(plan|dokku)\//.test(file));
    expect(
      pure.filter((file) =>
        /Date\.now|new Date|Math\.random|'node:(fs|child_process|net)/.test(textOf(file)),
      ),
    ).toEqual([]);
  });
});
