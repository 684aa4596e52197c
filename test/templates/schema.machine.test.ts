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

/** What GitLab's own schema says of a file; nothing when it is valid. */
const judge = async (file: string): Promise<string> => {
  const words = ['--builtin-schema', 'vendor.gitlab-ci', file];
  const { exitCode, all } = await execa('check-jsonschema', words, { reject: false, all: true });
  return exitCode === 0 ? '' : all;
};

test.each(['review', 'deploy', 'pipeline'])(
  'the component %s is valid against GitLab’s schema',
  async (name) => {
    const file = join(folder, `${name}.yml`);
    writeFileSync(file, renderComponent(name));
    expect(await judge(file)).toBe('');
  },
);

const root = new URL('../../', import.meta.url).pathname;

test.each(globSync('{.gitlab-ci.yml,ci-examples/*/.gitlab-ci.yml}', { cwd: root }))(
  '%s is valid against GitLab’s schema',
  async (file) => {
    expect(await judge(join(root, file))).toBe('');
  },
);

test.each(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, text = '']) => text,
  ),
)('what README shows is valid against GitLab’s schema: %s', async (text) => {
  const file = join(folder, 'readme.yml');
  writeFileSync(file, text);
  expect(await judge(file)).toBe('');
});

test('a file that is not valid is found out', async () => {
  const file = join(folder, 'wrong.yml');
  writeFileSync(file, 'job: {script: [a], when: sometimes}\n');
  expect(await judge(file)).toContain('sometimes');
});
