import { DeployError } from '../errors.ts';
import type { Channel, Host } from '../ssh/host.ts';
import { readAdvertisement } from './advertisement.ts';
import { createPacketReader, encodePacket, flushPacket, type PacketReader } from './pkt-line.ts';
import { readChunks } from './receive-pack.ts';

interface FetchOptions {
  readonly host: Host;
  readonly app: string;
  /** The id of an advertised commit. */
  readonly wanted: string;
  /** The id of an object that we claim to have. */
  readonly have: string;
}

/**
 * Fetches a commit from an app's repository, without what another object contains. Returns git's pack; undefined if the host lacks
 * one of the two, takes too long, or answers with anything else.
 *
 * Throws what `host.open` and `readAdvertisement` throw, and a SyntaxError for an answer that is not git's protocol.
 */
export async function fetchPack(options: FetchOptions, time = maxTime): Promise<Buffer | undefined> {
  const channel = await options.host.open(`git-upload-pack '${options.app}'`);
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), time);
  try {
    return await Promise.race([fetchFrom(channel, options), late.promise]);
  } finally {
    clearTimeout(timer);
    channel.input.destroy();
  }
}

/** Milliseconds. It only saves time: a host that needs longer may as well get everything. */
const maxTime = 20_000;

async function fetchFrom(channel: Channel, { app, wanted, have }: FetchOptions): Promise<Buffer | undefined> {
  const drained = drainLines(channel.stderr);
  const reader = createPacketReader(readChunks(channel.output));
  try {
    const advertisement = await readAdvertisement(app, reader);
    const isPossible =
      advertisement !== undefined &&
      [...advertisement.refs.values()].includes(wanted) &&
      capabilities.every((name) => advertisement.capabilities.has(name));
    if (!isPossible) return undefined;
    const want = encodePacket(`want ${wanted} ${[...capabilities, 'agent=dokku-deploy'].join(' ')}\n`);
    channel.input.write(Buffer.concat([want, flushPacket, encodePacket(`have ${have}\n`), flushPacket]));
    if (!(await isAcknowledged(reader))) return undefined;
    channel.input.write(encodePacket('done\n'));
    return await readPack(reader);
  } finally {
    await end(channel, reader);
    await drained;
  }
}

/**
 * Fetches a commit with its whole history from an app's repository, as chunks of git's pack: nothing of it is kept. Yields nothing if
 * the host lacks the commit.
 *
 * Throws what `host.open` and `readAdvertisement` throw, and `host-not-reached` if the answer ends too early.
 */
export async function* streamPack({
  host,
  app,
  wanted,
}: Pick<FetchOptions, 'host' | 'app' | 'wanted'>): AsyncGenerator<Buffer, void, undefined> {
  const channel = await host.open(`git-upload-pack '${app}'`);
  const drained = drainLines(channel.stderr);
  const reader = createPacketReader(channel.output);
  try {
    if ((await readAdvertisement(app, reader)) === undefined) {
      if ((await channel.exitCode) === undefined) throw cutOffError(app);
      return;
    }
    const want = encodePacket(`want ${wanted} side-band-64k no-progress ofs-delta agent=dokku-deploy\n`);
    channel.input.write(Buffer.concat([want, flushPacket, encodePacket('done\n')]));
    const answer = await reader.next();
    if (answer === undefined) throw cutOffError(app);
    // ERR upload-pack: not our ref
    if (answer.kind !== 'data' || !answer.data.toString().startsWith('NAK')) return;
    for (;;) {
      const next = await reader.next();
      if (next === undefined || (next.kind === 'data' && next.data[0] === 3)) throw cutOffError(app);
      if (next.kind === 'flush') return;
      if (next.data[0] === 1) yield next.data.subarray(1);
    }
  } finally {
    await end(channel, reader);
    await drained;
  }
}

function cutOffError(app: string): DeployError {
  return new DeployError('host-not-reached', {
    message: `The connection was lost while the code of ${app} was fetched.`,
    remedy: 'Run the job again.',
  });
}

const capabilities = ['multi_ack_detailed', 'side-band-64k', 'no-progress', 'ofs-delta'];

async function drainLines(lines: AsyncIterable<string>): Promise<void> {
  try {
    for await (const _ of lines);
  } catch {
    // The connection was lost: the answer ends, too.
  }
}

/** Whether the host has the object that it was asked about: it sends ACK for it, and NAK at the end of the round. */
async function isAcknowledged(reader: PacketReader): Promise<boolean> {
  for (let found = false; ; found = true) {
    const next = await reader.next();
    const line = next?.kind === 'data' ? next.data.toString() : '';
    if (!line.startsWith('ACK ')) return found && line.startsWith('NAK');
  }
}

/** A larger pack contains more than folders: it would be as large as what is to be sent. */
const maxBytes = 32_000_000;

async function readPack(reader: PacketReader): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const next = await reader.next();
    if (next === undefined) return undefined;
    if (next.kind === 'flush') return Buffer.concat(chunks);
    const [band] = next.data;
    // ACK of what both have.
    if (band === undefined || band > 3) continue;
    if (band === 3) return undefined;
    if (band === 1) chunks.push(next.data.subarray(1));
    size += next.data.length;
    if (size > maxBytes) return undefined;
  }
}

/** Ends the session, even if the host would send more. */
async function end(channel: Channel, reader: PacketReader): Promise<void> {
  channel.input.end();
  for (let size = 0; size < maxRest; ) {
    const next = await reader.next().catch(() => undefined);
    if (next === undefined) return;
    size += next.kind === 'data' ? next.data.length : 0;
  }
  channel.input.destroy();
}

const maxRest = 1_000_000;
