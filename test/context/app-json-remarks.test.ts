import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildContext } from '../../src/context/build-context.ts';
import { readJobInput } from '../../src/environment/job-input.ts';
import { aFolder } from '../support/repository.ts';

/** The warnings about the app.json of a project with these files. */
const warningsAbout = async (files: Readonly<Record<string, string>>, root?: string) => {
  using folder = aFolder();
  mkdirSync(join(folder.folder, 'api'));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder.folder, path), text);
  const env = { CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_REF_SLUG: 'fix', CI_PROJECT_PATH: 'group/shop' };
  const jobInput = await readJobInput({ env, cwd: folder.folder }, { root });
  const flags = { hostRequirement: 'none', root } as const;
  const { warnings } = await buildContext({ command: 'review start', flags, jobInput });
  return warnings.map(({ about, message }) => `${about}: ${message}`);
};

const procfile = 'web: serve\nworker: work\nrelease: migrate\n';

describe('what Dokku reads differently in app.json', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'a formation that leaves out a process',
      { 'app.json': '{"formation": {"web": {"quantity": 2}}}', Procfile: procfile },
      'app.json: formation: Dokku starts no process of a type that it does not name: worker. Name these, too, or replace it with scale in .dokku-deploy.yml',
    ],
    [
      'a size',
      { 'app.json': '{"formation": {"web": {"quantity": 2, "size": "standard-1x"}}}' },
      'app.json: formation.web.size: Dokku has no sizes of dynos; write resources in .dokku-deploy.yml',
    ],
    [
      'buildpacks besides a Dockerfile',
      { 'app.json': '{"buildpacks": [{"url": "heroku/nodejs"}]}', Dockerfile: 'FROM node' },
      'app.json: buildpacks: Dokku builds with these instead of the Dockerfile; to use the Dockerfile, write builder: dockerfile in .dokku-deploy.yml',
    ],
    [
      'a stack',
      { 'app.json': '{"stack": "heroku-24"}' },
      'app.json: stack: Dokku has no stacks and ignores it; the system that an app runs on is that of its image or of the host’s builder',
    ],
    [
      'a release script',
      { 'app.json': '{"scripts": {"release": "migrate"}}' },
      'app.json: scripts.release: Dokku does not run it; write it as the process type release in the Procfile',
    ],
  ])('is a warning: %s', async (_, files, warning) => {
    expect(await warningsAbout(files)).toEqual([warning]);
  });

  test('is read in the folder that is shipped', async () => {
    const files = {
      'api/app.json': '{"buildpacks": ["x"]}',
      'api/Dockerfile': 'FROM node',
      'app.json': '{"stack": "x"}',
    };
    expect(await warningsAbout(files, 'api')).toEqual([
      expect.stringMatching(/^api\/app.json: buildpacks: /),
    ]);
  });

  test.each<[string, Record<string, string>]>([
    [
      'a formation of all processes',
      { 'app.json': '{"formation": {"web": {}, "worker": {}}}', Procfile: procfile },
    ],
    ['an empty formation', { 'app.json': '{"formation": {}}', Procfile: procfile }],
    ['buildpacks alone', { 'app.json': '{"buildpacks": [{"url": "heroku/nodejs"}]}' }],
    ['no buildpacks', { 'app.json': '{"buildpacks": []}', Dockerfile: 'FROM node' }],
    [
      'what Dokku honours',
      { 'app.json': '{"healthchecks": {}, "cron": [], "scripts": {"postdeploy": "seed"}}' },
    ],
  ])('is not %s', async (_, files) => {
    expect(await warningsAbout(files)).toEqual([]);
  });
});
