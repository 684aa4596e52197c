import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readAdvertisement } from '../../src/source/advertisement.ts';
import type { Packet, PacketReader } from '../../src/source/pkt-line.ts';

const id = 'a'.repeat(40);

/** A reader of refs that never end; each takes this long. */
const endlessRefs = (milliseconds: number, name: string): PacketReader => {
  let count = 0;
  const next = async (): Promise<Packet> => {
    if (milliseconds > 0) await sleep(milliseconds);
    count += 1;
    return { kind: 'data', data: Buffer.from(`${id} refs/heads/${count}${name}\n`) };
  };
  return { next };
};

describe('an advertisement without end', () => {
  test.each(['', 'x'.repeat(60_000)])('is refused by its size', async (name) => {
    await expect(readAdvertisement('shop', endlessRefs(0, name))).rejects.toMatchObject({
      code: 'answer-too-large',
      message: 'The host sent more than 8 MB in answer to git-receive-pack.',
    });
  });

  test('is refused after the time of a question', async () => {
    await expect(readAdvertisement('shop', endlessRefs(20, ''), 200)).rejects.toMatchObject({
      code: 'host-timeout',
      message: 'The host did not finish git-receive-pack within 0.2 s.',
    });
  });
});
