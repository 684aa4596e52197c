import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startSandbox } from '../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from './support/child.ts';
import { aRepository } from './support/repository.ts';

test('a run that receives SIGTERM writes its whole log, even to a slow reader', async () => {
  await using sandbox = await startSandbox({ services: [] });
  using repository = aRepository();
  // The output of a build comes as it is written; that of a script only when it has ended.
  const build = `yes ${'x'.repeat(99)} | head -n 4000; sleep 30`;
  repository.commit({ 'package.json': JSON.stringify({ scripts: { build, start: 'sleep 60' } }) });
  const env = { ...sandbox.env, CI_COMMIT_REF_NAME: 'slow-reader' };
  const program = startProgram(sourceCommand('review', 'start'), { cwd: repository.folder, env });
  while (!sandbox.state.apps.get('slow-reader')?.deployController) await sleep(20);
  program.child.stderr?.pause();
  const printed = () => sandbox.state.apps.get('slow-reader')?.builds.at(-1)?.log.length ?? 0;
  while (printed() < 4_000) await sleep(20);
  program.child.kill('SIGTERM');
  await sleep(500);
  program.child.stderr?.resume();
  const { exit, output } = await program.result;
  expect(exit).toBe(143);
  // What the host had printed and the program had not read yet is lost with the run. A pipe holds about 650 of these lines.
  expect(output.match(/^ +x{99}$/gm)?.length).toBeGreaterThan(1_300);
  expect(output).toMatch(/\nFailed after [\d.]+ s\.\n$/);
});
