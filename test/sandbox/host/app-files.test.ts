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

describe('how an app is built and run is read from its files', () => {
  test('a Dockerfile with its command, port, base and variables', () => {
    write({ Dockerfile: dockerfile });
    expect(findRecipe(folder)).toMatchObject({
      builder: 'Dockerfile',
      web: "'node' 'it'\\''s.js'",
      exposed: '5000',
      base: 'base:1',
      env: { GREETING: 'hello' },
    });
  });

  test('a Procfile names the processes, also beside a Dockerfile', () => {
    write({ Dockerfile: dockerfile, Procfile: 'web: bin/web\nworker: bin/work\nrelease: bin/migrate\n' });
    expect(findRecipe(folder)).toMatchObject({
      web: 'bin/web',
      release: 'bin/migrate',
      types: ['web', 'worker', 'release'],
    });
  });

  test.each([
    ['buildpacks win over a Dockerfile', buildpacks, '', 'herokuish'],
    ['unless the builder was chosen', buildpacks, 'dockerfile', 'Dockerfile'],
    ['which a choice can forbid, too', '{}', 'herokuish', 'herokuish'],
  ])('%s', (_, manifest, selected, builder) => {
    write({ Dockerfile: dockerfile, Procfile: 'web: x\n', 'app.json': manifest });
    expect(findRecipe(folder, selected)?.builder).toBe(builder);
  });

  test.each(['index.html', 'www/index.html'])('%s makes a site of files', (page) => {
    mkdirSync(join(folder, dirname(page)), { recursive: true });
    write({ [page]: 'x' });
    expect([findRecipe(folder)?.web, staticFolder(folder)]).toEqual(['static', join(folder, dirname(page))]);
  });

  test('nothing says how', () => {
    write({ 'README.md': 'x' });
    expect(findRecipe(folder)).toBeUndefined();
  });
});

test.each([
  ['FROM x\nRUNN y\n', 'dockerfile parse error on line 2: unknown instruction: RUNN'],
  ['# a comment\n\nFROM x\nRUN a && \\\n  b && \\\n  c\n', undefined],
  ['FROM x\nRUN <<END\nanything at all\nEND\n', undefined],
])('Docker’s builder would say of %j: %s', (text, problem) => {
  write({ Dockerfile: text });
  expect(dockerfileProblem(folder)).toBe(problem);
});

test('an app.json with comments is read, and a broken one is an error in Dokku’s words', () => {
  write({ 'app.json': '{\n  // the migration\n  "scripts": {"postdeploy": "x"},\n}' });
  expect(readManifest(folder)).toEqual({ scripts: { postdeploy: 'x' } });
  write({ 'app.json': '{"scripts": {' });
  expect(String(readManifest(folder))).toContain('hujson: line 1, column 14: parsing value: unexpected EOF');
});
