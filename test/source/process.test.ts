import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runGit, startGit } from '../../src/source/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'process-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A git of our own that does this, first in the PATH. */
const fakeGit = (script: string) => {
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  return { PATH: `${folder}:${process.env.PATH}`, HOME: '/home/ci' };
};

test('git gets a chosen environment: nothing of the job, and no secret', async () => {
  process.env.CUSTOM_ENV_SSH_PRIVATE_KEY = 'secret';
  const world = fakeGit('env | grep -v -e "^_=" -e "^PWD=" -e "^OLDPWD=" -e "^SHLVL=" | sort');
  const answer = await runGit({ args: ['any'], cwd: '/', env: { GIT_INDEX_FILE: 'index' } }, world);
  delete process.env.CUSTOM_ENV_SSH_PRIVATE_KEY;
  expect(answer.kind === 'ok' && answer.stdout.toString().trim().split('\n')).toEqual([
    'GIT_CONFIG_COUNT=1',
    'GIT_CONFIG_KEY_0=safe.directory',
    'GIT_CONFIG_VALUE_0=*',
    'GIT_INDEX_FILE=index',
    'GIT_OPTIONAL_LOCKS=0',
    'GIT_TERMINAL_PROMPT=0',
    'HOME=/home/ci',
    'LC_ALL=C',
    `PATH=${world.PATH}`,
  ]);
});

test('what git says and its exit code are told', async () => {
  const world = fakeGit('echo "fatal: no" >&2; exit 128');
  expect(await runGit({ args: [], cwd: '/' }, world)).toEqual({
    kind: 'failed',
    exit: 128,
    signal: undefined,
    stderr: 'fatal: no',
  });
});

test('a git that a signal ended is told as such', async () => {
  const world = fakeGit('kill -TERM $$; sleep 5');
  expect(await runGit({ args: [], cwd: '/' }, world)).toMatchObject({
    kind: 'failed',
    exit: undefined,
    signal: 'SIGTERM',
  });
});

test('a machine without git is told by an exit that is undefined', async () => {
  const answer = await runGit({ args: ['version'], cwd: '/' }, { PATH: '/nonexistent' });
  expect(answer).toMatchObject({ kind: 'failed', exit: undefined, signal: undefined });
});

test('a git that is killed while its output is read ends', async () => {
  const running = startGit({ args: [], cwd: '/', stdin: '' }, fakeGit('echo one; exec sleep 30'));
  for await (const chunk of running.stdout) {
    expect(String(chunk)).toBe('one\n');
    break;
  }
  running.kill();
  expect(await running.result).toMatchObject({ kind: 'failed', signal: 'SIGTERM' });
});
