import { describe, expect, test } from 'vitest';
import type { CommandResult } from '../../src/dokku/command.ts';
import { free, locked, useShop } from '../support/ship-from.ts';

const { shipTo } = useShop();

describe('a rebuild', () => {
  const done = [
    '-----> Building shop from Dockerfile',
    '=====> Application deployed:',
    '       http://shop.test',
  ];

  test('keeps the colours of the host’s output, as a push does', async () => {
    const coloured = '\u001b[1m-----> Building shop\u001b[0m';
    const { came, told } = await shipTo('', { rebuilds: [[[coloured, ...done], locked]] });
    expect(came).toMatchObject({
      urls: ['http://shop.test'],
      detail: 'rebuilt: the host already has the commit',
    });
    expect(told).toEqual([coloured, ...done]);
  });

  test('that continues after a lost connection is recognised as ours', async () => {
    const gone: CommandResult = { kind: 'not-reached', reason: 'The connection was lost.', sent: true };
    const busyWords = [' !     shop currently has a deploy lock in place. Exiting...'];
    const { came, told } = await shipTo('', {
      answers: [locked, free],
      rebuilds: [
        [['-----> Cleaning up...'], gone],
        [busyWords, free],
        [done, locked],
      ],
    });
    expect(came).toMatchObject({ urls: ['http://shop.test'] });
    expect(told[2]).toBe(
      '... lost the connection while shop was being deployed: waiting up to 60 s for that deploy to end',
    );
  });
});
