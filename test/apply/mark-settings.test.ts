import { describe, expect, test } from 'vitest';
import { performMarkSettings } from '../../src/apply/mark-settings.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { settingsKey } from '../../src/plan/keys.ts';
import type { MarkSettingsStep } from '../../src/plan/plan.ts';
import { hostAccessTo } from '../support/host-access.ts';

const [mine, other] = ['0123456789abcdef', 'fedcba9876543210'];
const command = { words: ['x'] };
const step: MarkSettingsStep = {
  kind: 'mark-settings',
  id: 'mark-settings',
  title: 'Record',
  needs: [],
  repeat: 'always',
  app: 'shop',
  value: `domains=${mine}&ports=${mine}`,
  pending: `domains=&ports=${mine}`,
  command,
  fallback: command,
};

/** Returns what is recorded, and the remark about it, if the app's mark is this one at the end. */
const recordedAfter = async (found: string | undefined) => {
  const written: string[] = [];
  const base = hostAccessTo(() => ({ kind: 'answered', stdout: '', stderr: '' }));
  const ask = async ({ line, stdin }: { line: string; stdin?: unknown }): Promise<CommandResult> => {
    const config = found === undefined ? {} : { [settingsKey]: found };
    if (line.startsWith('config:export'))
      return { kind: 'answered', stdout: JSON.stringify(config), stderr: '' };
    written.push((JSON.parse(String(stdin)) as Record<string, string>)[settingsKey] ?? '');
    return { kind: 'answered', stdout: '', stderr: '' };
  };
  const access = { ...base, host: { ...base.host, ask } };
  const { detail } = await performMarkSettings(step, undefined, access);
  return [written.join(), detail];
};

const looksAgain = 'another job changes them, too: the next run looks again';

describe('the record of applied settings', () => {
  test('is written if the app’s mark is as the run has left it, or says the same', async () => {
    expect(await recordedAfter(step.pending)).toEqual([step.value, undefined]);
    expect(await recordedAfter(step.value)).toEqual([step.value, undefined]);
  });

  test('leaves open what another job has recorded meanwhile: it may have changed it after this one', async () => {
    expect(await recordedAfter(`domains=${other}&ports=${mine}`)).toEqual([
      `domains=&ports=${mine}`,
      looksAgain,
    ]);
    expect(await recordedAfter(`domains=&ports=deploy&scale=${other}.01234567`)).toEqual([
      `domains=${mine}&ports=deploy&scale=.01234567`,
      looksAgain,
    ]);
  });

  test('leaves everything open if the mark is lost', async () => {
    expect(await recordedAfter(undefined)).toEqual(['domains=&ports=', looksAgain]);
  });
});
