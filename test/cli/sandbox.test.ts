import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runProgram } from '../support/world.ts';

const run = (...argv: readonly string[]) =>
  runProgram({ argv: ['sandbox', ...argv], cwd: tmpdir(), env: { PATH: '/usr/bin:/bin' } });

test('--services refuses an unknown plugin and lists the known ones', async () => {
  const { exit, stdout, stderr } = await run('--services', 'mysql,oracle', '--', 'true');
  expect({ exit, stdout, stderr }).toEqual({
    exit: 2,
    stdout: '',
    stderr: [
      'dokku-deploy: --services: the sandbox has no plugin "oracle".\n',
      'What to do: Choose from mysql, mariadb, postgres, redis, mongo.\n',
      '(exit 2, usage: docs/errors.md#usage)\n',
    ].join(''),
  });
});
