import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { gitMinutes, runGit, startGit } from '../../src/source/process.ts';

const folder = mkdtempSync(join(tmpdir(), 'process-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Puts a git that runs this script first in the PATH. */
const fakeGit = (script: string) => {
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'git'), 0o755);
  return { PATH: `${folder}:${process.env.PATH}`, HOME: '/home/ci' };
};

/** Returns the variables that git gets, without those that a shell sets. */
const gitVariables = async (settings?: 'job'): Promise<string[]> => {
  const childEnv = fakeGit('env | grep -v -e "^_=" -e "^PWD=" -e "^OLDPWD=" -e "^SHLVL=" | sort');
  const result = await runGit(
    { args: ['any'], cwd: '/', env: { GIT_INDEX_FILE: 'index' }, settings },
    childEnv,
  );
  return result.kind === 'ok' ? result.stdout.toString().trim().split('\n') : [];
};

test('git gets only the variables that it needs: no secret, none of the job’s, and none of the machine’s settings', async () => {
  process.env.CUSTOM_ENV_SSH_PRIVATE_KEY = 'secret';
  const variables = await gitVariables();
  delete process.env.CUSTOM_ENV_SSH_PRIVATE_KEY;
  expect(variables).toEqual([
    'GIT_ALLOW_PROTOCOL=none',
    'GIT_ATTR_NOSYSTEM=1',
    'GIT_CONFIG_COUNT=3',
    'GIT_CONFIG_GLOBAL=/dev/null',
    'GIT_CONFIG_KEY_0=safe.directory',
    'GIT_CONFIG_KEY_1=core.hooksPath',
    'GIT_CONFIG_KEY_2=core.fsmonitor',
    'GIT_CONFIG_NOSYSTEM=1',
    'GIT_CONFIG_VALUE_0=*',
    'GIT_CONFIG_VALUE_1=/dev/null',
    'GIT_CONFIG_VALUE_2=false',
    'GIT_INDEX_FILE=index',
    'GIT_NO_LAZY_FETCH=1',
    'GIT_NO_REPLACE_OBJECTS=1',
    'GIT_OPTIONAL_LOCKS=0',
    'GIT_TERMINAL_PROMPT=0',
    'HOME=/dev/null',
    'LC_ALL=C',
    expect.stringContaining(`PATH=${folder}:`),
  ]);
});

test('a git that fetches gets the home folder and the machine’s settings, but no hooks', async () => {
  const variables = await gitVariables('job');
  expect(variables).toContain('HOME=/home/ci');
  expect(variables.filter((line) => /NOSYSTEM|GLOBAL|PROTOCOL|LAZY/.test(line))).toEqual([]);
  expect(variables).toContain('GIT_CONFIG_VALUE_1=/dev/null');
});

test('a git that prints more than is allowed is killed', async () => {
  const result = await runGit({ args: [], cwd: '/' }, fakeGit('exec head -c 70000000 /dev/zero'));
  expect(result).toMatchObject({ kind: 'failed', exceeded: 'output' });
});

test('a failed git is returned with its stderr and its exit code', async () => {
  const world = fakeGit('echo "fatal: no" >&2; exit 128');
  expect(await runGit({ args: [], cwd: '/' }, world)).toEqual({
    kind: 'failed',
    exit: 128,
    signal: undefined,
    exceeded: undefined,
    stderr: 'fatal: no',
  });
});

test('a killed git is returned with its signal', async () => {
  const world = fakeGit('kill -TERM $$; sleep 5');
  expect(await runGit({ args: [], cwd: '/' }, world)).toMatchObject({
    kind: 'failed',
    exit: undefined,
    signal: 'SIGTERM',
  });
});

test('without git on the machine, exit and signal are undefined', async () => {
  const result = await runGit({ args: ['version'], cwd: '/' }, { PATH: '/nonexistent' });
  expect(result).toMatchObject({ kind: 'failed', exit: undefined, signal: undefined });
});

test('a git whose output is being read can be killed', async () => {
  const running = startGit({ args: [], cwd: '/', stdin: '' }, fakeGit('echo one; exec sleep 30'));
  for await (const chunk of running.stdout) {
    expect(String(chunk)).toBe('one\n');
    break;
  }
  running.kill();
  expect(await running.result).toMatchObject({ kind: 'failed', signal: 'SIGTERM' });
});

test('a git that takes too long is killed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const running = startGit({ args: [], cwd: '/' }, fakeGit('exec sleep 30'));
    vi.advanceTimersByTime(gitMinutes.isolated * 60_000);
    expect(await running.result).toMatchObject({ kind: 'failed', exceeded: 'time', signal: 'SIGTERM' });
  } finally {
    vi.useRealTimers();
  }
});
