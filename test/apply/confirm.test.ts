import { describe, expect, test } from 'vitest';
import { performConfirm } from '../../src/apply/confirm.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { confirmStep } from '../../src/plan/confirm.ts';
import type {} from '../../src/plan/plan.ts';
import { hostAccessTo } from '../support/host-access.ts';

const done: CommandResult = { kind: 'answered', stdout: '', stderr: '' };
const refused = (stderr: string): CommandResult => ({ kind: 'refused', exit: 1, stdout: '', stderr });

describe('the check of the configuration', () => {
  const link = { words: ['redis:link', 'fix-redis', 'fix', '--no-restart'] };
  const step = confirmStep('fix', {
    needs: [],
    values: { A: '1' },
    removed: [],
    links: [{ service: { plugin: 'redis', name: 'fix-redis' }, command: link }],
  });

  /** Checks on a host that keeps what is written, except for the first writes of each kind. */
  const confirmOn = async (losses: number, linkAnswer: CommandResult = done) => {
    const config = new Map<string, string>();
    const sent: string[] = [];
    const lost = { import: losses, link: losses };
    const host = hostAccessTo((line) => {
      sent.push(line.split(' ').find((word) => word.includes(':')) ?? line);
      if (line.startsWith('config:export'))
        return { kind: 'answered', stdout: JSON.stringify(Object.fromEntries(config)), stderr: '' };
      if (line.includes('config:import')) {
        lost.import -= 1;
        if (lost.import < 0) config.set('A', '1');
        return done;
      }
      lost.link -= 1;
      if (lost.link < 0) config.set('REDIS_URL', 'redis://:x@dokku-redis-fix-redis:6379');
      return linkAnswer;
    });
    const result = await performConfirm(step, host).catch((error: unknown) => error);
    return { result, sent };
  };

  test('writes again what is lost, until it has arrived', async () => {
    const { result, sent } = await confirmOn(1);
    expect(result).toEqual({
      outcome: 'done',
      detail: 'corrected what another writer had changed: A, fix-redis',
    });
    expect(sent).toEqual([
      ...['config:export', 'config:import', 'redis:link'],
      ...['config:export', 'config:import', 'redis:link'],
      'config:export',
    ]);
  });

  test('gives up as busy if something keeps being lost', async () => {
    expect((await confirmOn(99)).result).toMatchObject({ code: 'busy' });
  });

  test('needs a new plan if the service has been removed', async () => {
    const { result } = await confirmOn(99, refused(' !     Redis service fix-redis does not exist\n'));
    expect(result).toEqual({ outcome: 'stale' });
  });

  test('needs a new plan if the app has been removed', async () => {
    const host = hostAccessTo(() => refused(' !     App fix does not exist\n'));
    expect(await performConfirm(step, host)).toEqual({ outcome: 'stale' });
  });
});
