import { describe, expect, test } from 'vitest';
import { performRemoveApp } from '../../src/apply/remove-app.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { RemoveAppStep } from '../../src/plan/plan.ts';
import { answeringHost } from '../support/host-access.ts';

const step: RemoveAppStep = {
  kind: 'remove-app',
  id: 'destroy-app',
  title: 'Remove the app fix',
  needs: [],
  repeat: 'a missing app counts as removed',
  app: 'fix',
  check: { words: ['config:export', '--format', 'json', 'fix'] },
  marker: 'ours',
  command: { words: ['apps:destroy', 'fix', '--force'] },
  verify: { words: ['apps:exists', 'fix'] },
};

const answered: CommandResult = { kind: 'answered', stdout: '', stderr: '' };
const failed = (stderr: string): CommandResult => ({ kind: 'refused', exit: 1, stdout: '', stderr });
const marked: CommandResult = { kind: 'answered', stdout: '{"DOKKU_DEPLOY_REVIEW":"ours"}', stderr: '' };
const missing = failed(' !     App fix does not exist\n');

/** Removes the app on a host that gives these answers, one after the other; returns the result and the pauses. */
const removeOn = async (answers: readonly CommandResult[]) => {
  const left = [...answers];
  const pauses: number[] = [];
  const result = await performRemoveApp(
    step,
    {
      host: answeringHost(() => left.shift() ?? Promise.reject(new Error('asked too often'))),
      vault: new Map(),
      now: () => 0,
      sleep: async (milliseconds) => void pauses.push(milliseconds),
      sleepThroughStop: () => new Promise(() => {}),
      stop: new AbortController().signal,
    },
    () => {},
  ).catch((error: unknown) => error);
  return { result, pauses, left: left.length };
};

describe('the removal of an app', () => {
  test('ends once the host no longer has the app', async () => {
    expect(await removeOn([marked, answered, missing])).toEqual({
      result: { outcome: 'done' },
      pauses: [],
      left: 0,
    });
  });

  test('counts as done before if the app does not exist', async () => {
    expect((await removeOn([missing, missing])).result).toEqual({
      outcome: 'skipped',
      detail: 'already done',
    });
  });

  test.each([
    ['names more services', '{"DOKKU_DEPLOY_REVIEW":"ours and more"}'],
    ['is gone', '{}'],
    ['belongs to an environment now', '{"DOKKU_DEPLOY_REVIEW":"ours","DOKKU_DEPLOY_OWNER":"x"}'],
  ])('does not begin if the marker %s: another plan is needed', async (_, stdout) => {
    const { result, left } = await removeOn([{ kind: 'answered', stdout, stderr: '' }, answered]);
    expect([result, left]).toEqual([{ outcome: 'stale' }, 1]);
  });

  test('is tried again after a failure, until the app is gone', async () => {
    const { result, pauses, left } = await removeOn([
      marked,
      failed('nginx'),
      answered,
      failed('nginx'),
      missing,
    ]);
    expect([result, pauses, left]).toEqual([{ outcome: 'done' }, [1_000], 0]);
  });

  test('is tried again if the host reports success and still has the app', async () => {
    const { result, pauses } = await removeOn([marked, answered, answered, answered, missing]);
    expect([result, pauses]).toEqual([{ outcome: 'done' }, [1_000]]);
  });

  test('fails with the host’s words if the app stays', async () => {
    const words = failed(' !     unlinkat /home/dokku/fix: device or resource busy\n');
    const { result } = await removeOn([marked, ...Array.from({ length: 4 }, () => [words, answered]).flat()]);
    expect(result).toMatchObject({
      code: 'host-refused',
      message: 'The host could not remove the app fix, which still exists after 4 attempts.',
      said: [expect.stringContaining('device or resource busy')],
    });
  });
});
