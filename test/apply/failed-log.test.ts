import { expect, test } from 'vitest';
import { showFailedLog } from '../../src/apply/failed-log.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { DeployError, type ErrorCode } from '../../src/errors.ts';
import { hostAccessTo } from '../support/host-access.ts';

/** What is asked and shown after a deploy that failed so, on a host that answers so. */
const showAfter = async (code: ErrorCode, answer: CommandResult) => {
  const shown: string[] = [];
  const asked: string[] = [];
  const host = hostAccessTo((line) => {
    asked.push(line);
    return answer;
  });
  const error = new DeployError(code, { message: 'It failed.' });
  await showFailedLog(error, 'shop', { ...host, showLog: (lines) => shown.push(...lines) });
  return { asked, shown };
};

const answered = (stdout: string): CommandResult => ({ kind: 'answered', stdout, stderr: '' });

test.each(['unhealthy', 'release-failed'] as const)(
  '%s shows the log of the container that failed',
  async (code) => {
    const log = '=====> shop failed deploy logs\n\u001b[36m2026 app[web.1]:\u001b[0m no such table\n';
    expect(await showAfter(code, answered(log))).toEqual({
      asked: ['logs:failed shop'],
      shown: ['2026 app[web.1]: no such table'],
    });
  },
);

test('nothing is shown if the host has no container any more, as recorded (git-073)', async () => {
  const { shown } = await showAfter('unhealthy', {
    kind: 'answered',
    stdout: '=====> g-hc failed deploy logs\n',
    stderr: ' !     No failed containers found\n',
  });
  expect(shown).toEqual([]);
});

test('postdeploy-failed shows the log of the new version, which runs', async () => {
  const { asked, shown } = await showAfter('postdeploy-failed', answered('a\n'.repeat(100)));
  expect([asked, shown.length]).toEqual([['logs shop --num 30 --quiet'], 30]);
});

test.each(['build-failed', 'busy', 'superseded'] as const)(
  '%s asks for no log: the app did not run',
  async (code) => {
    expect(await showAfter(code, answered('x\n'))).toEqual({ asked: [], shown: [] });
  },
);

test('a host that refuses or cannot be reached changes nothing about the failure', async () => {
  expect(
    (await showAfter('unhealthy', { kind: 'refused', exit: 1, stdout: 'x\n', stderr: '' })).shown,
  ).toEqual([]);
  const lost: CommandResult = { kind: 'not-reached', reason: 'gone', sent: true };
  expect((await showAfter('unhealthy', lost)).shown).toEqual([]);
});
