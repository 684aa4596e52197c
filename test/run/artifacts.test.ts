import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRunFlags } from '../../src/cli/read-run-flags.ts';
import { readJobInput } from '../../src/environment/job-input.ts';
import { writeArtifacts } from '../../src/run/artifacts.ts';
import { buildSummary } from '../../src/run/summary.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the files of a refused run. Returns the names of the project's files, and the warnings. */
const write = async (env: Readonly<Record<string, string>>, flags: Readonly<Record<string, string>> = {}) => {
  const jobInput = await readJobInput({ env, cwd: folder });
  const summary = buildSummary({
    command: 'review start',
    jobInput,
    context: undefined,
    result: undefined,
    error: undefined,
    exitCode: 2,
    services: [],
    steps: [],
    took: 1,
    usage: { connections: 0, commands: 0 },
  });
  const warnings = await writeArtifacts(
    {
      world: { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } },
      flags: readRunFlags({ flags, positional: [] }, 'review start'),
      jobInput,
    },
    { summary, failures: [], scripts: [], error: undefined },
  );
  return { files: readdirSync(folder).sort(), warnings };
};

const names = ['deploy.json', 'dokku-deploy-junit.xml', 'dokku-deploy-links.json', 'dokku-deploy.env'];

describe('the files of a run', () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['are not written outside of a CI job', { CI_COMMIT_REF_NAME: 'fix' }, []],
    ['are not written if the variables of a CI job are empty', { CI: '', GITLAB_CI: '' }, []],
    ['are written in a GitLab job', { GITLAB_CI: 'true' }, names],
    ['are written in any CI job', { CI: 'true' }, names],
  ])('%s', async (_, env, files) => {
    expect(await write(env)).toEqual({ files, warnings: [] });
  });

  test('are written anywhere if a flag names them', async () => {
    expect(await write({}, { dotenv: 'my.env' })).toEqual({ files: ['my.env'], warnings: [] });
    expect(await write({}, { facts: 'my.json' })).toEqual({ files: ['my.env', 'my.json'], warnings: [] });
    expect(readFileSync(join(folder, 'my.env'), 'utf8')).toBe('DOKKU_DEPLOY_EXIT_CODE=2\n');
    expect(JSON.parse(readFileSync(join(folder, 'my.json'), 'utf8'))).toMatchObject({
      command: 'review start',
      exitCode: 2,
    });
  });

  test('are not written for the flag `none`', async () => {
    expect(await write({ GITLAB_CI: 'true' }, { dotenv: 'none' })).toEqual({
      files: names.slice(0, 3),
      warnings: [],
    });
    for (const name of names) rmSync(join(folder, name), { force: true });
    const none = { dotenv: 'none', facts: 'none', annotations: 'none', junit: 'none' };
    expect(await write({ GITLAB_CI: 'true' }, none)).toEqual({
      files: [],
      warnings: [],
    });
  });

  test.each([
    ['deploy.json', '{"mine": "precious"}'],
    ['deploy.json', '{"version": 2, "name": "a manifest of the project"}'],
    ['dokku-deploy.env', 'MY_TOKEN=precious\n'],
    ['dokku-deploy-links.json', '{"links": ["precious"]}'],
    ['dokku-deploy-junit.xml', '<?xml version="1.0"?><testsuites name="mine"/>'],
  ])('do not replace a file that the project had as %s: %s', async (name, content) => {
    writeFileSync(join(folder, name), content);
    const { warnings } = await write({ CI: 'true' });
    expect(readFileSync(join(folder, name), 'utf8')).toBe(content);
    expect(warnings).toEqual([
      {
        about: name,
        message: expect.stringMatching(
          /^not written: a file with this name exists.* --(facts|dotenv|annotations|junit) sets another path/,
        ),
      },
    ]);
  });

  test('replace those of an earlier run', async () => {
    await write({ CI: 'true' });
    const again = await write({ CI: 'true', CI_COMMIT_SHA: 'a'.repeat(40) });
    expect(again).toEqual({ files: names, warnings: [] });
    for (const name of ['deploy.json', 'dokku-deploy.env'])
      expect(readFileSync(join(folder, name), 'utf8')).toContain('aaaa');
  });

  test('cause a warning each if they cannot be written', async () => {
    const { files, warnings } = await write({ CI: 'true' }, { dotenv: 'no/such/folder.env' });
    expect(files).toEqual(names.slice(0, 3));
    expect(warnings).toEqual([
      {
        about: 'no/such/folder.env',
        message: expect.stringMatching(
          /^not written: its folder does not exist\. The result of the run is not affected/,
        ),
      },
    ]);
  });
});
