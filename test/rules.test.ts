import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const sources = globSync('{src,sandbox}/**/*.ts', { cwd: root }).sort();
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Imports go one way: a folder imports from itself and from those before it. Files directly in src are free to all. */
const toolOrder = [
  'environment',
  'dokku',
  'access',
  'settings',
  'context',
  'validate',
  'init',
  'plan',
  'ssh',
  'source',
  'images',
  'apply',
  'report',
  'notify',
  'gitlab',
  'run',
  'drop-in',
  'gate',
  'executor',
  'cli',
];

/** The sandbox's folders, in the same way. Files directly in sandbox assemble them. */
const sandboxOrder = ['authority', 'databases', 'host', 'nginx', 'services', 'deploys', 'commands'];

/** `src/plan` of `src/plan/deploy.ts`; `src` of `src/main.ts`. */
const folderOf = (file: string): string => dirname(file);

const rankOf = (file: string): number => {
  const [top, folder] = folderOf(file).split('/');
  if (folder === undefined) return -1;
  return (top === 'sandbox' ? sandboxOrder : toolOrder).indexOf(folder);
};

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );

const wrongImports = (file: string): string[] =>
  importsOf(file)
    .filter((target) => target.endsWith('.ts') && isWrong(file, target))
    .map((target) => `${file} -> ${target}`);

const isWrong = (file: string, target: string): boolean => {
  if (file.startsWith('sandbox/') !== target.startsWith('sandbox/')) return file !== 'src/cli/sandbox.ts';
  const assembles = file === 'src/main.ts' || folderOf(file) === 'sandbox';
  return !assembles && rankOf(target) > rankOf(file);
};

describe('the rules of the house', () => {
  test('every folder has its place in the order of imports', () => {
    const folders = new Set(sources.map(folderOf));
    const known = [
      'src',
      ...toolOrder.map((folder) => `src/${folder}`),
      'sandbox',
      ...sandboxOrder.map((folder) => `sandbox/${folder}`),
    ];
    expect([...folders].sort()).toEqual(known.sort());
  });

  test('imports go one way, the sandbox imports nothing of src, and only cli/sandbox.ts enters it', () => {
    expect(sources.flatMap(wrongImports)).toEqual([]);
  });

  test('outside src, only benchmarks, documentation and tests enter the sandbox', () => {
    const others = globSync('{image,scripts,ci-examples}/**/*.ts', { cwd: root });
    const entering = others.filter((file) => importsOf(file).some((target) => target.startsWith('sandbox/')));
    expect(entering).toEqual([]);
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

  test('only three files of src/source and the sandbox start programs', () => {
    const starting = sources.filter((file) => /'(execa|node:child_process)'/.test(textOf(file)));
    expect(starting.filter((file) => !file.startsWith('sandbox/'))).toEqual([
      'src/executor/script.ts',
      'src/executor/state.ts',
      'src/source/inherited-process.ts',
      'src/source/piped-process.ts',
      'src/source/process.ts',
    ]);
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
    const pure = sources.filter((file) => /^src\/(plan|dokku|settings)\//.test(file));
    expect(
      pure.filter((file) =>
        /Date\.now|new Date|Math\.random|'node:(fs|child_process|net)/.test(textOf(file)),
      ),
    ).toEqual([]);
  });
});
