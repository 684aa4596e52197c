import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { encodePacket, flushPacket } from '../../src/source/pkt-line.ts';
import { openReceivePack } from '../../src/source/receive-pack.ts';
import type { Host } from '../../src/ssh/host.ts';
import { createRandom } from '../support/random-tree.ts';

const id = 'a'.repeat(40);
const ref = 'refs/heads/master';

const sideBand = (band: number, content: string | Buffer): Buffer => {
  const bytes = Buffer.concat([Buffer.from([band]), Buffer.from(content)]);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
};

const advertisement = Buffer.concat([
  encodePacket(`${id} ${ref}\0report-status side-band-64k agent=git/2.39\n`),
  flushPacket,
]);
const report = Buffer.concat([encodePacket('unpack ok\n'), encodePacket(`ok ${ref}\n`), flushPacket]);
const answer = Buffer.concat([
  sideBand(2, '-----> Building\n'),
  sideBand(2, '=====> Application deployed:\n'),
  sideBand(1, report),
  flushPacket,
]);

/** A host that sends these bytes, in pieces of a size, and then closes the channel without an exit code. */
const hostThatSends = (bytes: Buffer, size: number): Host => ({
  open: async () => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const input = new Writable({ write: (_chunk, _encoding, done) => done() });
    return {
      input,
      output: Readable.from(pieces),
      stderr: Readable.from([]),
      exitCode: Promise.resolve(undefined),
    };
  },
  ask: () => Promise.reject(new Error('this host only opens channels')),
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
  usage: () => ({ connections: 1, commands: 1 }),
});

/** Pushes to a host that sends these bytes. Returns the answer, or the error's code. */
const pushTo = async (bytes: Buffer, size = 7): Promise<string> => {
  try {
    const pack = await openReceivePack({
      host: hostThatSends(bytes, size),
      app: 'boutique',
      onLine: () => {},
    });
    const update = { ref, oldId: id, newId: 'b'.repeat(40) };
    return (await pack.push(update, Readable.from([Buffer.from('PACK')]))).answer.kind;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return error.code;
  }
};

const whole = Buffer.concat([advertisement, answer]);

describe('a connection that is cut', () => {
  test.each([1, 5, 65_536])(
    'at any byte counts as cut off, never as a bug; pieces of %i bytes',
    async (size) => {
      const outcomes = new Map<string, number>();
      for (let length = 0; length < whole.length; length += 1)
        outcomes.set(await pushTo(whole.subarray(0, length), size), length);
      expect([...outcomes]).toEqual([
        ['host-not-reached', advertisement.length - 1],
        // All of the report is there; only the end of the session is missing.
        ['cut-off', whole.length - flushPacket.length - 1],
        ['accepted', whole.length - 1],
      ]);
      expect(await pushTo(whole, size)).toBe('accepted');
    },
  );

  test('between the report’s lines is not taken for a failed unpack', async () => {
    const unpacked = sideBand(1, encodePacket('unpack ok\n'));
    expect(await pushTo(Buffer.concat([advertisement, unpacked, flushPacket]))).toBe('cut-off');
  });
});

describe('an answer that is not git’s', () => {
  test('is quoted, with what to look for', async () => {
    const motd = Buffer.concat([advertisement, Buffer.from('Welcome to Ubuntu\n')]);
    await expect(
      openReceivePack({ host: hostThatSends(motd, 100), app: 'boutique', onLine: () => {} }).then((pack) =>
        pack.push({ ref, oldId: id, newId: id }, Readable.from([])),
      ),
    ).rejects.toMatchObject({
      code: 'host-refused',
      said: [expect.stringContaining('Welcome to Ubuntu')],
    });
  });

  test.each([
    ['ref that is not one', encodePacket('ERR no such app\n')],
    [
      'report without end',
      Buffer.concat([advertisement, ...Array.from({ length: 20 }, () => sideBand(1, 'x'.repeat(65_000)))]),
    ],
  ])('is refused: a %s', async (_, bytes) => {
    expect(await pushTo(bytes, 65_536)).toBe('host-refused');
  });

  test('is never a bug, whichever bytes are changed', async () => {
    const random = createRandom(1);
    const outcomes = new Set<string>();
    for (let round = 0; round < 500; round += 1) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change < 3; change += 1)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      outcomes.add(await pushTo(bytes, 65_536));
    }
    const known = ['accepted', 'rejected', 'cut-off', 'host-refused', 'host-not-reached'];
    expect([...outcomes].filter((outcome) => !known.includes(outcome))).toEqual([]);
  });
});
