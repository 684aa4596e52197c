import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerfileProblem, findRecipe, staticFolder } from '../../../sandbox/host/app-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-files-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
};

const plain = { selected: '', dockerfile: 'Dockerfile', hasBuildpacks: false, hasWeb: false };

const dockerfile = 'FROM base:1\nEXPOSE 5000\nENV GREETING=hello\nCMD ["node", "it\'s.js"]\n';

describe('the recipe of an app, read from its files,', () => {
  test('has the command, port, base image and variables of a Dockerfile', () => {
    write({ Dockerfile: dockerfile });
    expect(findRecipe(folder, plain)).toMatchObject({
      builder: 'Dockerfile',
      command: "'node' 'it'\\''s.js'",
      exposed: '5000',
      base: 'base:1',
      env: { GREETING: 'hello' },
    });
  });

  test.each([
    ['FROM busybox:latest\n', true],
    ['FROM node:22-alpine\nRUN apk add bash\n', undefined],
    ['FROM alpine:3 AS build\nFROM node:22-slim\n', undefined],
    ['FROM node:22-slim AS build\nFROM --platform=linux/amd64 node:22-alpine\n', true],
  ])('knows which images come without bash: %j', (text, lacksBash) => {
    write({ Dockerfile: text });
    expect(findRecipe(folder, plain)?.lacksBash).toBe(lacksBash);
  });

  test.each([
    ['prefers buildpacks to a Dockerfile', true, '', 'herokuish'],
    ['uses the Dockerfile despite buildpacks if that builder is selected', true, 'dockerfile', 'Dockerfile'],
    ['ignores the Dockerfile if another builder is selected', false, 'herokuish', 'herokuish'],
  ])('%s', (_, hasBuildpacks, selected, builder) => {
    write({ Dockerfile: dockerfile });
    expect(findRecipe(folder, { ...plain, hasBuildpacks, selected, hasWeb: true })?.builder).toBe(builder);
  });

  test('has the Dockerfile at the path that is set', () => {
    mkdirSync(join(folder, 'docker'));
    write({ 'docker/App': 'FROM x\nCMD serve\n' });
    expect(findRecipe(folder, { ...plain, dockerfile: 'docker/App' })?.command).toBe('serve');
  });

  test('takes a CMD that is not a valid list for a shell line', () => {
    write({ Dockerfile: "FROM x\nCMD ['node', 'x.js']\n" });
    expect(findRecipe(folder, plain)?.command).toBe("['node', 'x.js']");
  });

  test.each(['index.html', 'www/index.html'])('serves static files if there is %s', (page) => {
    mkdirSync(join(folder, dirname(page)), { recursive: true });
    write({ [page]: 'x' });
    expect([findRecipe(folder, plain)?.command, staticFolder(folder)]).toEqual([
      'static',
      join(folder, dirname(page)),
    ]);
  });

  test('is undefined if no file shows how to run the app', () => {
    write({ 'README.md': 'x' });
    expect(findRecipe(folder, plain)).toBeUndefined();
  });
});

test.each([
  ['FROM x\nRUNN y\n', 'dockerfile parse error on line 2: unknown instruction: RUNN'],
  ['# a comment\n\nFROM x\nRUN a && \\\n  b && \\\n  c\n', undefined],
  ['FROM x\nRUN <<END\nanything at all\nEND\n', undefined],
])('the error of Docker’s builder for %j is %s', (text, problem) => {
  write({ Dockerfile: text });
  expect(dockerfileProblem(join(folder, 'Dockerfile'))).toBe(problem);
});
