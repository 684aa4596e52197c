import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Source } from '../../src/context/context.ts';
import { findCommit } from '../../src/source/ship.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { childEnv, makeSource } from '../support/source.ts';

const uptimeCheck = { web: [{ type: 'startup', name: 'still running', uptime: 3 }] };

const find = async (project: TestRepository, more: Partial<Source> = {}) => {
  const { found, notes } = await findCommit(makeSource(project, { uptimeCheck: true, ...more }), childEnv);
  return { text: found.extra['app.json'], notes };
};

const aProject = (appJson?: string): TestRepository => {
  const project = aRepository();
  project.commit({ 'index.html': 'hello', ...(appJson === undefined ? {} : { 'app.json': appJson }) });
  return project;
};

describe('the startup check', () => {
  test('makes an app.json for a project without one, and is noted', async () => {
    using project = aProject();
    const { text = '', notes } = await find(project);
    expect(JSON.parse(text)).toEqual({ healthchecks: uptimeCheck });
    expect(notes).toEqual([expect.stringContaining('runs for 3 s, instead of Dokku')]);
  });

  test('leaves the rest of app.json as it is, with its comments and numbers', async () => {
    using project = aProject(
      '{\n  // migrations\n  "scripts": {"dokku": {"predeploy": "x"}},\n  "big": 12345678901234567890,\n}\n',
    );
    const { text = '' } = await find(project);
    expect(text).toContain('// migrations');
    expect(text).toContain('"big": 12345678901234567890');
    expect(text).toContain('"uptime": 3');
  });

  test('is added to the file that the snapshot has instead of the commit’s', async () => {
    using project = aProject('{"scripts": {}}');
    const { text = '' } = await find(project, { extra: { 'app.json': '{"env": {}}' } });
    expect(JSON.parse(text)).toEqual({ env: {}, healthchecks: uptimeCheck });
  });

  test('is added to the committed file, whatever the work tree has', async () => {
    using project = aProject('{"scripts": {}}');
    rmSync(join(project.folder, 'app.json'));
    expect(JSON.parse((await find(project)).text ?? '')).toEqual({ scripts: {}, healthchecks: uptimeCheck });
  });

  test.each([
    ['has checks of its own', '{"healthchecks": {"worker": []}}'],
    ['has an empty list of checks', '{"healthchecks": {}}'],
    ['is not valid', '{'],
    ['is a list', '[]'],
  ])('is not added to an app.json that %s', async (_, text) => {
    using project = aProject(text);
    expect(await find(project)).toEqual({ text: undefined, notes: [] });
  });

  test('is not added to a link', async () => {
    using project = aRepository();
    writeFileSync(join(project.folder, 'real.json'), '{}');
    symlinkSync('real.json', join(project.folder, 'app.json'));
    project.git('add', '--all');
    project.git('commit', '--quiet', '-m', 'Link it');
    expect(await find(project)).toEqual({ text: undefined, notes: [] });
  });

  test('is not added to a file that source.include may replace', async () => {
    using project = aProject('{"scripts": {}}');
    expect((await find(project, { include: ['index.html'] })).text).toBeDefined();
    writeFileSync(join(project.folder, 'app.json'), '{"healthchecks": {}}');
    expect((await find(project, { include: ['app.json'] })).text).toBeUndefined();
  });

  test('is added to the file of the folder that is shipped', async () => {
    using project = aRepository();
    project.commit({ 'app.json': '{"env": {}}', 'apps/api/app.json': '{"scripts": {}}', 'apps/web/x': '' });
    const parse = async (more: Partial<Source>) => JSON.parse((await find(project, more)).text ?? '');
    const check = { healthchecks: uptimeCheck };
    expect(await parse({ root: 'apps/api' })).toEqual({ scripts: {}, ...check });
    expect(await parse({ folder: join(project.folder, 'apps/web') })).toEqual(check);
    expect(await parse({})).toEqual({ env: {}, ...check });
    mkdirSync(join(project.folder, 'dist'));
    writeFileSync(join(project.folder, 'dist/index.html'), 'built');
    writeFileSync(join(project.folder, 'dist/app.json'), '{"formation": {}}');
    expect(await parse({ dir: 'dist' })).toEqual({ formation: {}, ...check });
    expect(await parse({ dir: 'dist', exclude: ['app.json'] })).toEqual(check);
    expect(await parse({ dir: 'dist', include: ['app.json'] })).toEqual({ env: {}, ...check });
  });

  test('is not added unless the source asks for it', async () => {
    using project = aProject();
    expect(await find(project, { uptimeCheck: false })).toEqual({ text: undefined, notes: [] });
  });
});
