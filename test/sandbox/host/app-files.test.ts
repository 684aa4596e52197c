import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  dockerfileProblem,
  findRecipe,
  readManifest,
  staticFolder,
} from '../../../sandbox/host/app-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-files-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
};

const dockerfile = 'FROM base:1\nEXPOSE 5000\nENV GREETING=hello\nCMD ["node", "it\'s.js"]\n';
const buildpacks = '{"buildpacks": [{"url": "heroku/ruby"}]}';

describe('the recipe of an app, read from its files,', () => {
  test('has the command, port, base image and variables of a Dockerfile', () => {
    write({ Dockerfile: dockerfile });
    expect(findRecipe(folder)).toMatchObject({
      builder: 'Dockerfile',
      web: "'node' 'it'\\''s.js'",
      exposed: '5000',
      base: 'base:1',
      env: { GREETING: 'hello' },
    });
  });

  test('has the processes of a Procfile, even next to a Dockerfile', () => {
    write({ Dockerfile: dockerfile, Procfile: 'web: bin/web\nworker: bin/work\nrelease: bin/migrate\n' });
    expect(findRecipe(folder)).toMatchObject({
      web: 'bin/web',
      release: 'bin/migrate',
      types: ['web', 'worker', 'release'],
    });
  });

  test.each([
    ['prefers buildpacks to a Dockerfile', buildpacks, '', 'herokuish'],
    [
      'uses the Dockerfile despite buildpacks if that builder is selected',
      buildpacks,
      'dockerfile',
      'Dockerfile',
    ],
    ['ignores the Dockerfile if another builder is selected', '{}', 'herokuish', 'herokuish'],
  ])('%s', (_, manifest, selected, builder) => {
    write({ Dockerfile: dockerfile, Procfile: 'web: x\n', 'app.json': manifest });
    expect(findRecipe(folder, selected)?.builder).toBe(builder);
  });

  test.each(['index.html', 'www/index.html'])('serves static files if there is %s', (page) => {
    mkdirSync(join(folder, dirname(page)), { recursive: true });
    write({ [page]: 'x' });
    expect([findRecipe(folder)?.web, staticFolder(folder)]).toEqual(['static', join(folder, dirname(page))]);
  });

  test('is undefined if no file shows how to run the app', () => {
    write({ 'README.md': 'x' });
    expect(findRecipe(folder)).toBeUndefined();
  });
});

test.each([
  ['FROM x\nRUNN y\n', 'dockerfile parse error on line 2: unknown instruction: RUNN'],
  ['# a comment\n\nFROM x\nRUN a && \\\n  b && \\\n  c\n', undefined],
  ['FROM x\nRUN <<END\nanything at all\nEND\n', undefined],
])('the error of Docker’s builder for %j is %s', (text, problem) => {
  write({ Dockerfile: text });
  expect(dockerfileProblem(folder)).toBe(problem);
});

test('an app.json may contain comments, and a broken one is an error with Dokku’s text', () => {
  write({ 'app.json': '{\n  // the migration\n  "scripts": {"postdeploy": "x"},\n}' });
  expect(readManifest(folder)).toEqual({ scripts: { postdeploy: 'x' } });
  write({ 'app.json': '{"scripts": {' });
  expect(String(readManifest(folder))).toContain('hujson: line 1, column 14: parsing value: unexpected EOF');
});
