import { describe, expect, test } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import type { RunEvent } from '../../src/apply/events.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import type { CommandStep } from '../../src/plan/plan.ts';
import { aContext } from '../support/context.ts';
import { answeringHost } from '../support/host-access.ts';
import { childEnv } from '../support/source.ts';

const step = (id: string, needs: readonly string[] = []): CommandStep => ({
  kind: 'command',
  id,
  title: `Do ${id}`,
  needs,
  repeat: 'it is found done',
  command: { words: [id] },
  doneIf: [],
  staleIf: ['exists'],
});

const answered: CommandResult = { kind: 'answered', stdout: '', stderr: '' };

/** Applies steps on a host that gives these answers. */
const applyTo = async (
  steps: readonly CommandStep[],
  answer: (line: string, stop: AbortController) => CommandResult | Promise<CommandResult>,
) => {
  const stop = new AbortController();
  const events: RunEvent[] = [];
  const applied = await apply({
    host: answeringHost((line) => answer(line, stop)),
    vault: new Map(),
    now: () => 0,
    sleep: async () => {},
    sleepThroughStop: () => new Promise(() => {}),
    stop: stop.signal,
    plan: { version: 1, command: 'deploy', app: 'shop', host: undefined, steps, notes: [], services: [] },
    source: aContext().source,
    childEnv,
    isProxied: false,
    isHostLocal: true,
    watch: undefined,
    emit: (event) => events.push(event),
  }).catch((error: unknown) => error);
  const ends = events.flatMap((event) =>
    event.kind === 'step-ended' ? [[event.id, event.outcome, event.note]] : [],
  );
  return { applied, ends };
};

describe('applying a plan', () => {
  test('reports a step as stopped when its answer shows that the host has changed', async () => {
    const taken: CommandResult = {
      kind: 'refused',
      exit: 1,
      stdout: '',
      stderr: ' !     Name is already taken',
    };
    expect(await applyTo([step('apps:create'), step('config:set', ['apps:create'])], () => taken)).toEqual({
      applied: { kind: 'stale' },
      ends: [['apps:create', 'stopped', 'the host has changed in the meantime: checking again']],
    });
  });

  test('names the plugin that the host has no longer', async () => {
    const unknown: CommandResult = {
      kind: 'refused',
      exit: 1,
      stdout: '',
      stderr: ' !     `redis:unlink shop-redis shop` is not a dokku command.',
    };
    const { applied } = await applyTo([step('redis:unlink')], () => unknown);
    expect(applied).toMatchObject({
      code: 'plugin-missing',
      remedy: expect.stringContaining('install the plugin redis again'),
    });
  });

  test('waits for the running steps after a failure, and starts no other', async () => {
    const failed = Promise.withResolvers<void>();
    const steps = [step('fails'), step('runs'), step('follows', ['runs'])];
    const { applied, ends } = await applyTo(steps, async (line) => {
      if (line === 'fails') {
        setImmediate(failed.resolve);
        return { kind: 'refused', exit: 1, stdout: '', stderr: ' !     No space left on device' };
      }
      await failed.promise;
      return answered;
    });
    expect(applied).toMatchObject({ code: 'host-refused' });
    expect(ends.map(([id, outcome]) => [id, outcome])).toEqual([
      ['fails', 'failed'],
      ['runs', 'done'],
    ]);
  });

  test('succeeds when the stop signal arrives during the last step', async () => {
    const { applied } = await applyTo([step('one'), step('two', ['one'])], (line, stop) => {
      if (line === 'two') stop.abort('SIGTERM');
      return answered;
    });
    expect(applied).toEqual({ kind: 'done', deployed: undefined, kept: [] });
  });

  test('fails with the stop’s error when a step is left', async () => {
    const { applied, ends } = await applyTo([step('one'), step('two', ['one'])], (_, stop) => {
      stop.abort('SIGTERM');
      return answered;
    });
    expect(applied).toMatchObject({ code: 'terminated' });
    expect(ends).toEqual([['one', 'done', undefined]]);
  });
});
