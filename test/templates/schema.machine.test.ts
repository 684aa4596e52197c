import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderComponent } from '../support/component.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'schema-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Checks a file against GitLab's schema. Returns the problems, '' if it is valid. Throws if the check itself could not run. */
const validate = async (file: string): Promise<string> => {
  const args = ['--builtin-schema', 'vendor.gitlab-ci', file];
  const result = await execa('check-jsonschema', args, { reject: false, all: true });
  if (result.exitCode === 0) return '';
  // 1 is its exit code for a file that is not valid.
  if (result.exitCode === 1) return result.all;
  throw new Error(`check-jsonschema did not run (pip install check-jsonschema): ${result.shortMessage}`);
};

test.each(['review', 'prepare', 'deploy', 'rollback', 'pipeline'])(
  'the component %s is valid against GitLab’s schema',
  async (name) => {
    const file = join(folder, `${name}.yml`);
    writeFileSync(file, renderComponent(name));
    expect(await validate(file)).toBe('');
  },
);

const root = new URL('../../', import.meta.url).pathname;

test.each(globSync('{.gitlab-ci.yml,ci-examples/*/.gitlab-ci.yml}', { cwd: root }))(
  '%s is valid against GitLab’s schema',
  async (file) => {
    expect(await validate(join(root, file))).toBe('');
  },
);

test.each(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = '']) => text,
  ),
)('the example in README is valid against GitLab’s schema: %s', async (text) => {
  const file = join(folder, 'readme.yml');
  writeFileSync(file, text);
  expect(await validate(file)).toBe('');
});

test('a file that is not valid fails', async () => {
  const file = join(folder, 'wrong.yml');
  writeFileSync(file, 'job: {script: [a], when: sometimes}\n');
  expect(await validate(file)).toContain('sometimes');
});
