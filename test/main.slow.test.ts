import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startSandbox } from '../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from './support/child.ts';
import { aRepository } from './support/repository.ts';

test('a run that receives SIGTERM writes its whole log, even to a slow reader', async () => {
  await using sandbox = await startSandbox({ services: [] });
  using repository = aRepository();
  const predeploy = `yes ${'x'.repeat(99)} | head -n 4000; sleep 30`;
  repository.commit({
    'index.html': 'hello',
    'app.json': JSON.stringify({ scripts: { dokku: { predeploy } } }),
  });
  const env = { ...sandbox.env, CI_COMMIT_REF_NAME: 'slow-reader' };
  const program = startProgram(sourceCommand('review', 'start'), { cwd: repository.folder, env });
  while (!sandbox.state.apps.get('slow-reader')?.deployController) await sleep(20);
  program.child.stderr?.pause();
  await sleep(1_000);
  program.child.kill('SIGTERM');
  await sleep(500);
  program.child.stderr?.resume();
  const { exit, output } = await program.result;
  expect(exit).toBe(143);
  expect(output.match(/^ +x{99}$/gm)).toHaveLength(4_000);
  expect(output).toMatch(/\nFailed after [\d.]+ s\.\n$/);
});
