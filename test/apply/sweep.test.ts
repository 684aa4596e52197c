import { describe, expect, test } from 'vitest';
import { performSweep } from '../../src/apply/sweep.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { SweepStep } from '../../src/plan/plan.ts';
import { hostAccessTo } from '../support/host-access.ts';

const step: SweepStep = {
  kind: 'sweep',
  id: 'sweep',
  title: 'Check that nothing is left of fix',
  needs: [],
  repeat: '',
  app: 'fix',
  command: { words: ['config:export', 'fix'] },
  isUnfinished: false,
  services: ['a', 'b'].map((name) => ({
    label: `redis:${name}`,
    exists: { words: ['redis:exists', name] },
    destroy: { words: ['redis:destroy', name, '--force'] },
  })),
};

const gone: CommandResult = { kind: 'refused', exit: 1, stdout: '', stderr: ' !     it does not exist\n' };
const done: CommandResult = { kind: 'answered', stdout: '', stderr: '' };
const app = (config: Readonly<Record<string, string>>): CommandResult => ({
  kind: 'answered',
  stdout: JSON.stringify(config),
  stderr: '',
});

/** Sweeps a host that answers so; `look`: how often the app was looked at before. */
const sweepOn = async (
  answer: (line: string, look: number) => CommandResult,
  more: Partial<SweepStep> = {},
) => {
  const sent: string[] = [];
  const looks = () => sent.filter((line) => line.startsWith('config:export')).length;
  const host = hostAccessTo((line) => {
    const before = looks();
    sent.push(line);
    return answer(line, line.startsWith('config:export') ? before : before - 1);
  });
  const result = await performSweep({ ...step, ...more }, host);
  return { result, looks: looks(), destroyed: sent.filter((line) => /destroy/.test(line)) };
};

describe('the last look of review stop', () => {
  test('finds nothing as a rule, and does not wait', async () => {
    expect(await sweepOn(() => gone)).toEqual({ result: { outcome: 'done' }, looks: 1, destroyed: [] });
  });

  test('removes a service that another job has created while the app was being removed', async () => {
    const { result, destroyed } = await sweepOn((line) =>
      line.endsWith('b') || line.includes('destroy') ? done : gone,
    );
    expect(result.detail).toBe('removed redis:b, left by another job');
    expect(destroyed).toEqual(['redis:destroy b --force']);
  });

  test('removes nothing if the app exists again and is marked: another job uses the services', async () => {
    const { result, destroyed } = await sweepOn((line) =>
      line.startsWith('config:export') ? app({ DOKKU_DEPLOY_REVIEW: 'x' }) : done,
    );
    expect([result.detail, destroyed]).toEqual(['another job has created the app again', []]);
  });

  test('counts an app whose configuration cannot be read as used', async () => {
    for (const answer of [done, { ...gone, stderr: 'out of memory' } as const]) {
      const { result } = await sweepOn((line) => (line.startsWith('config:export') ? answer : done));
      expect(result).toEqual({ outcome: 'done', detail: 'another job has created the app again' });
    }
  });

  test('looks for five seconds longer if a start may still be running, whose commands arrive late', async () => {
    const { result, destroyed } = await sweepOn(
      (line, look) => (/destroy/.test(line) || (line.endsWith('a') && look === 3) ? done : gone),
      { isUnfinished: true },
    );
    expect(result.detail).toBe('removed redis:a, left by another job');
    expect(destroyed).toEqual(['redis:destroy a --force']);
    expect((await sweepOn(() => gone, { isUnfinished: true })).looks).toBe(6);
  });

  test('needs a new plan if an app without configuration stays, as a killed job’s push has created it', async () => {
    const { result, looks } = await sweepOn((line) => (line.startsWith('config:export') ? app({}) : gone));
    expect([result, looks]).toEqual([{ outcome: 'stale' }, 7]);
  });

  test('leaves an app alone that gets its marker after a moment: it is a new job’s', async () => {
    const { result } = await sweepOn((line, look) =>
      line.startsWith('config:export') ? app(look < 4 ? {} : { DOKKU_DEPLOY_REVIEW: 'x' }) : gone,
    );
    expect(result).toEqual({ outcome: 'done' });
  });
});
