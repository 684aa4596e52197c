import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import {
  busy,
  cutOff,
  deployed,
  free,
  inTurn,
  locked,
  none,
  running,
  useShop,
} from '../support/ship-from.ts';

const { shipTo, head } = useShop();

describe('a lost connection', () => {
  test('ends the run after the third push', async () => {
    const { came, pushes, asked } = await shipTo(`echo "-----> Cleaning up..."; ${cutOff}`);
    expect(came).toMatchObject({
      code: 'host-not-reached',
      message: 'The connection was lost three times while shipping to shop.',
    });
    expect([pushes, asked]).toEqual([3, ['apps:locked shop', 'apps:locked shop']]);
  });

  test('is retried when nothing was sent yet, as for any command', async () => {
    let opened = 0;
    const { came } = await shipTo(deployed, {
      host: {
        open: async () => {
          opened += 1;
          throw new DeployError('host-not-reached', { message: 'gone' });
        },
      },
    });
    expect([came, opened]).toMatchObject([{ code: 'host-not-reached', message: 'gone' }, 3]);
  });

  test('leaves our own deploy running, which gets the full wait from then on', async () => {
    const { came, told } = await shipTo(inTurn(`echo "-----> Cleaning up..."; ${cutOff}`, deployed), {
      took: 3_600_000,
      answers: [locked, locked, free],
    });
    expect(came).toMatchObject({ urls: ['http://shop.test'], shipped: true });
    expect(told.slice(0, 2)).toEqual([
      '-----> Cleaning up...',
      '... lost the connection while shop was being deployed: waiting up to 60 s for that deploy to end',
    ]);
  });

  test('says so when our own deploy outlasts the wait', async () => {
    const { came } = await shipTo(`echo "-----> Cleaning up..."; ${cutOff}`, {
      answers: Array.from({ length: 30 }, () => locked),
      builds: [none, ...Array.from({ length: 30 }, () => running)],
    });
    expect(came).toMatchObject({
      code: 'busy',
      message:
        'The connection was lost while shop was being deployed, and that deploy is still running after 60 s.',
    });
  });
});

describe('another deploy of the app', () => {
  test('is waited for with pauses and a deadline when it refuses every push without a visible lock', async () => {
    const { came, pushes } = await shipTo(busy);
    expect(came).toMatchObject({
      code: 'busy',
      message: 'Another deploy of shop is still running after 60 s.',
    });
    expect(pushes).toBeLessThan(15);
  });

  test.each([
    ['refused our push', /deploy lock in place/],
    ['is waited for', /^apps:locked/],
  ])('is not cancelled by a stop while it %s', async (_, stopAt) => {
    const { came, asked } = await shipTo(busy, { stopAt, answers: [locked, locked] });
    expect(came).toMatchObject({ code: 'terminated' });
    expect(asked.filter((line) => line.startsWith('builds:'))).toEqual([]);
  });
});

describe('a lock without a build', () => {
  test('is named after three refused pushes, with the way out', async () => {
    const { came, pushes } = await shipTo(busy, { answers: Array.from({ length: 9 }, () => locked) });
    expect([came, pushes]).toMatchObject([
      { code: 'busy', message: expect.stringContaining('left over by a deploy that died') },
      3,
    ]);
  });

  test('that refuses no push is ignored, as one that apps:lock made', async () => {
    const { came } = await shipTo(inTurn(busy, deployed), { answers: [locked, locked] });
    expect(came).toMatchObject({ shipped: true });
  });
});

test('a deploy’s result names what to record', async () => {
  const commit = head();
  const committedAt = '2026-11-02T12:00:00.000Z';
  const { came } = await shipTo(deployed, { source: { commit, committedAt } });
  expect(came).toMatchObject({
    record: {
      commit,
      committedAt,
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
      url: 'http://shop.test',
    },
  });
});

describe('an app that must not be deployed to any more', () => {
  const refusal = new DeployError('locked', { message: 'shop is locked' });

  test('gets nothing from a job that was waiting for another deploy meanwhile', async () => {
    const looks: string[] = [];
    const { came, told } = await shipTo(deployed, {
      builds: [running, none],
      answers: [free],
      step: { checkFirst: true },
      checkApp: async () => {
        looks.push('look');
        if (looks.length > 1) throw refusal;
      },
    });
    expect([came, looks.length]).toEqual([refusal, 2]);
    expect(told).toEqual([expect.stringContaining('... another deploy of shop is running')]);
  });
});
