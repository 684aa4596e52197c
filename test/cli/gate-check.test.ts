import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shopRules } from '../support/gate.ts';
import { aFolder } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let folder: ReturnType<typeof aFolder>;
beforeEach(() => {
  folder = aFolder();
  const text = `host: {address: dokku.example.com, key: /k, known_hosts: /h}\nprojects:${shopRules}`;
  writeFileSync(join(folder.folder, 'policy.yml'), text, { mode: 0o600 });
});
afterEach(() => folder[Symbol.dispose]());

const claims = { project_id: '42', project_path: 'group/shop', ref: 'main', ref_protected: 'true' };
const check = (identity: string, ...more: string[]) =>
  runProgram({
    argv: ['gate', 'check', '--policy', 'policy.yml', '--identity', identity, ...more],
    cwd: folder.folder,
  });

describe('gate check', () => {
  test('prints the apps of a job, and why there are not more', async () => {
    const { exit, stdout } = await check(JSON.stringify({ ...claims, environment: 'production' }));
    expect(exit).toBe(0);
    expect(stdout).toContain('group/shop, protected branch main, environment production\n');
    expect(stdout).toContain('  shop-staging (staging): read, to promote from it\n');
    expect(stdout).toContain('  shop (production): create and deploy\n');
    const other = await check(JSON.stringify({ ...claims, project_id: '7' }));
    expect(other.stdout).toContain(
      '  nothing\n  not more, because the policy does not name the project group/shop',
    );
  });

  test('reads the claims from a file, and prints JSON', async () => {
    writeFileSync(join(folder.folder, 'claims.json'), JSON.stringify({ ...claims, ref: 'x' }));
    const { stdout } = await check('claims.json', '--format', 'json');
    const read = JSON.parse(stdout) as { apps: { app: string }[]; refusals: string[] };
    expect(read.apps[0]).toMatchObject({ app: 'x', may: 'review', services: ['*:x-*'] });
    expect(read.refusals).toEqual(['the job has no environment']);
  });

  test.each([['{'], ['missing.json'], ['{}']])('exits with 2 for the identity %s', async (identity) => {
    expect((await check(identity)).exit).toBe(2);
  });

  test('does not print a token that was passed for its claims', async () => {
    const { exit, stdout, stderr } = await check(`eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(600)}.y`);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--identity is a token, and not its claims.');
    expect(stderr).not.toContain('eyJ');
  });

  test('exits with 2 without a policy', async () => {
    const { exit, stderr } = await runProgram({ argv: ['gate', 'check'], cwd: folder.folder });
    expect([exit, stderr]).toEqual([2, expect.stringContaining('--policy is missing.')]);
  });
});
