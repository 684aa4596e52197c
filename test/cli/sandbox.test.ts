import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { runProgram } from '../support/world.ts';

const run = (...argv: readonly string[]) =>
  runProgram({ argv: ['sandbox', ...argv], cwd: tmpdir(), env: { PATH: '/usr/bin:/bin' } });

test('a service plugin that the sandbox can’t have is refused with those that it can', async () => {
  const { exit, stdout, stderr } = await run('--services', 'mysql,oracle', '--', 'true');
  expect({ exit, stdout, stderr }).toEqual({
    exit: 2,
    stdout: '',
    stderr: [
      'dokku-deploy: --services mysql,oracle: the sandbox has no plugin oracle.\n',
      'What to do: It can have mysql, mariadb, postgres, redis, mongo.\n',
    ].join(''),
  });
});
