import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeArtifactFile } from '../../src/run/artifact-file.ts';
import { aFolder, aRepository } from '../support/repository.ts';

let project: ReturnType<typeof aFolder>;

beforeEach(() => {
  project = aFolder();
});

afterEach(() => project[Symbol.dispose]());

const childEnv = { PATH: process.env.PATH, HOME: '/nonexistent' };
const at = (path: string): string => join(project.folder, path);

const write = (path: string, cwd = project.folder) =>
  writeArtifactFile(
    { path, text: 'ours: new\n', isOwn: (content) => content.startsWith('ours') },
    { cwd, childEnv },
  );

describe('a file is written', () => {
  test('if there is none of that name, and nothing else is left in the folder', async () => {
    expect(await write('report')).toBeUndefined();
    expect(readFileSync(at('report'), 'utf8')).toBe('ours: new\n');
    expect(readdirSync(project.folder)).toEqual(['report']);
  });

  test('in place of one that an earlier run wrote', async () => {
    writeFileSync(at('report'), 'ours: old\nand longer\n');
    expect(await write('report')).toBeUndefined();
    expect(readFileSync(at('report'), 'utf8')).toBe('ours: new\n');
  });

  test('outside of the project, if its path says so', async () => {
    using elsewhere = aFolder();
    expect(await write(join(elsewhere.folder, 'report'))).toBeUndefined();
    expect(existsSync(join(elsewhere.folder, 'report'))).toBe(true);
  });

  test('in a project that is reached through a symbolic link', async () => {
    using elsewhere = aFolder();
    const link = join(elsewhere.folder, 'link');
    symlinkSync(project.folder, link);
    expect(await write('report', link)).toBeUndefined();
    expect(existsSync(at('report'))).toBe(true);
  });
});

describe('a file is not written', () => {
  test('over one that the run did not make', async () => {
    writeFileSync(at('report'), 'precious');
    expect(await write('report')).toBe('a file with this name exists that dokku-deploy did not write');
    expect(readFileSync(at('report'), 'utf8')).toBe('precious');
  });

  test('over one that git tracks, even if an earlier run wrote it', async () => {
    using repository = aRepository();
    repository.commit({ report: 'ours: old\n' });
    expect(await write('report', repository.folder)).toBe('git tracks a file with this name');
    expect(readFileSync(join(repository.folder, 'report'), 'utf8')).toBe('ours: old\n');
  });

  test.each(['ours: old\n', undefined])(
    'through a symbolic link to a file with the content %j',
    async (content) => {
      using elsewhere = aFolder();
      const outside = join(elsewhere.folder, 'outside');
      if (content !== undefined) writeFileSync(outside, content);
      symlinkSync(outside, at('report'));
      expect(await write('report')).toBe('a symbolic link has this name');
      expect([existsSync(outside), lstatSync(at('report')).isSymbolicLink()]).toEqual([
        content !== undefined,
        true,
      ]);
      if (content !== undefined) expect(readFileSync(outside, 'utf8')).toBe(content);
    },
  );

  test('into a folder that a symbolic link of the project leads to', async () => {
    using elsewhere = aFolder();
    symlinkSync(elsewhere.folder, at('reports'));
    expect(await write('reports/report')).toBe('its folder is a symbolic link that leads out of the project');
    expect(readdirSync(elsewhere.folder)).toEqual([]);
  });

  test('over a folder', async () => {
    mkdirSync(at('report'));
    expect(await write('report')).toBe('something else than a file has this name');
  });

  test('into a missing folder', async () => {
    expect(await write('no/such/report')).toBe('its folder does not exist');
  });
});
