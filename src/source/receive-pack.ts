import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { DeployError } from '../errors.ts';
import type { Channel, Host } from '../ssh/host.ts';
import { type OnLine, splitLines } from '../ssh/lines.ts';
import { type Advertisement, readAdvertisement } from './advertisement.ts';
import { createKeptLines } from './kept-lines.ts';
import { createPacketReader, encodePacket, flushPacket, type PacketReader } from './pkt-line.ts';

/**
 * The host's answer to a push. `cut-off`: it ended without one; `exit` is the host's exit code, undefined if the connection was
 * lost.
 */
export type PushResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'cut-off'; readonly exit: number | undefined };

export const zeroId = '0'.repeat(40);

/** One ref to move. */
export interface RefUpdate {
  readonly ref: string;
  readonly oldId: string;
  readonly newId: string;
}

/** How much of a pack was sent, and whether that is all. */
export interface PushProgress {
  bytes: number;
  isComplete: boolean;
}

/** An open receive-pack whose advertisement has been read. */
export interface ReceivePack {
  readonly advertisement: Advertisement;
  /** Sends a pack for one ref and reads the answer. `bytes`: how much of the pack was sent. Keeps `progress` up to date. */
  readonly push: (
    update: RefUpdate,
    pack: Readable,
    progress?: PushProgress,
  ) => Promise<{ readonly answer: PushResult; readonly bytes: number }>;
  /** Ends the session without a push. */
  readonly close: () => Promise<void>;
}

interface ReceivePackOptions {
  readonly host: Host;
  readonly app: string;
  /** Gets each line that the host's hooks print, and each line of its stderr. */
  readonly onLine: OnLine;
}

/**
 * Opens git-receive-pack for an app and reads what the host has. Dokku creates an app that does not exist.
 *
 * Throws `host-refused`, which quotes the host, and `host-not-reached`.
 */
export async function openReceivePack({ host, app, onLine }: ReceivePackOptions): Promise<ReceivePack> {
  const channel = await host.open(`git-receive-pack '${app}'`);
  const standardError = forwardStderr(channel, onLine);
  const reader = createPacketReader(readChunks(channel.output));
  const advertisement = await readAdvertisement(app, reader);
  if (!advertisement) throw notOpenedError(app, await standardError, await channel.exitCode);
  // A channel closes only after all of its output has been read.
  const drained = async (): Promise<void> => {
    while ((await reader.next()) !== undefined);
    await channel.exitCode;
    await standardError;
  };
  const push: ReceivePack['push'] = async (update, pack, progress = { bytes: 0, isComplete: false }) => {
    const hasSideBand = advertisement.capabilities.has('side-band-64k');
    channel.input.write(encodeUpdate(update, advertisement));
    const result = hasSideBand
      ? readSideBand(reader, onLine).then((report) =>
          readReportStatus(createPacketReader(singleChunk(report))),
        )
      : readReportStatus(reader);
    try {
      const [bytes, answer] = await Promise.all([sendPack(pack, channel.input, progress), result]);
      await drained();
      return { answer: answer ?? { kind: 'cut-off', exit: await channel.exitCode }, bytes };
    } catch (error) {
      throw error instanceof SyntaxError ? notAnswerError(app, error) : error;
    }
  };
  const close = async (): Promise<void> => {
    channel.input.end(flushPacket);
    await drained();
  };
  return { advertisement, push, close };
}

async function forwardStderr(channel: Channel, onLine: OnLine): Promise<string[]> {
  const lines = createKeptLines(onLine);
  try {
    for await (const line of channel.stderr) lines.push(line);
  } catch (error) {
    if (!isCutOff(error)) throw error;
  }
  return lines.read();
}

const cutOffCodes = new Set<string | undefined>(['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET']);

function isCutOff(error: unknown): boolean {
  return cutOffCodes.has((error as NodeJS.ErrnoException).code);
}

/** Returns the chunks of a channel. A lost connection ends them like the end of the stream. */
export async function* readChunks(output: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  try {
    yield* output;
  } catch (error) {
    if (!isCutOff(error)) throw error;
  }
}

function notOpenedError(app: string, stderr: readonly string[], exit: number | undefined): DeployError {
  return exit === undefined
    ? new DeployError('host-not-reached', {
        message: `The connection was lost while git-receive-pack of ${app} was opened.`,
        remedy: 'Run the job again.',
      })
    : new DeployError('host-refused', {
        message: `The host did not open git-receive-pack for ${app} (exit ${exit}).`,
        said: stderr,
        remedy: 'Fix what the host reports, and run the job again.',
      });
}

function notAnswerError(app: string, error: SyntaxError): DeployError {
  return new DeployError('host-refused', {
    message: `The host’s answer to the push of ${app} is not git’s protocol.`,
    said: [error.message],
    remedy:
      'Something on the host prints into git’s answer, for example a file that the dokku user’s shell reads. The app may be deployed: run the job again to see.',
    cause: error,
  });
}

const wantedCapabilities = ['report-status', 'side-band-64k'];

function encodeUpdate(update: RefUpdate, { capabilities }: Advertisement): Buffer {
  const used = wantedCapabilities.filter((one) => capabilities.has(one));
  const line = `${update.oldId} ${update.newId} ${update.ref}\0 ${[...used, 'agent=dokku-deploy'].join(' ')}`;
  return Buffer.concat([encodePacket(line), flushPacket]);
}

async function readSideBand(reader: PacketReader, onLine: OnLine): Promise<Buffer> {
  const progress = splitLines((line) => onLine(cleanHookLine(line)));
  const report: Buffer[] = [];
  let reportSize = 0;
  for (;;) {
    const next = await reader.next();
    if (next === undefined || next.kind === 'flush') break;
    const [band] = next.data;
    const content = next.data.subarray(1);
    if (band !== 1) progress.push(content);
    else {
      report.push(content);
      reportSize += content.length;
      if (reportSize > maxReportSize) throw new SyntaxError('the report on one ref has more than 1 MB');
    }
  }
  progress.end();
  return Buffer.concat(report);
}

const maxReportSize = 1_000_000;

/**
 * A line that overwrites itself with carriage returns counts in its last state that is not empty. Dokku never prints one, so
 * it is an app's (or git's progress), and is indented as Dokku indents an app's output: it must not pass for Dokku's own.
 */
function cleanHookLine(line: string): string {
  const states = line.split('\r');
  const last = trimPadding(states.findLast((state) => state.trim() !== '') ?? '');
  return states.length === 1 || last.startsWith(appIndent) ? last : `${appIndent}${last}`;
}

const appIndent = ' '.repeat(7);

/** Git pads the lines of a hook with eight spaces, to overwrite what the terminal shows. */
function trimPadding(line: string): string {
  return line.replace(/ {8}$/, '');
}

/** Returns undefined if the report ends before it answers for the ref. */
async function readReportStatus(reader: PacketReader): Promise<PushResult | undefined> {
  let unpacked: string | undefined;
  for (;;) {
    const next = await reader.next();
    if (next === undefined || next.kind === 'flush') break;
    const line = next.data.toString().trimEnd();
    if (line.startsWith('unpack ')) unpacked = line.slice('unpack '.length);
    if (line.startsWith('ng ')) return { kind: 'rejected', reason: line.split(' ').slice(2).join(' ') };
    if (line.startsWith('ok ')) return { kind: 'accepted' };
  }
  if (unpacked === undefined || unpacked === 'ok') return undefined;
  return { kind: 'rejected', reason: `the host could not unpack what was sent: ${unpacked}` };
}

async function* singleChunk(buffer: Buffer): AsyncIterable<Buffer> {
  yield buffer;
}

async function sendPack(pack: Readable, stream: Writable, progress: PushProgress): Promise<number> {
  for await (const chunk of pack as AsyncIterable<Buffer>) {
    if (stream.destroyed || stream.writableEnded) break;
    progress.bytes += chunk.length;
    if (!stream.write(chunk)) await waitForDrain(stream);
  }
  progress.isComplete = true;
  stream.end();
  return progress.bytes;
}

/** Resolves when a full stream takes bytes again, or is closed; leaves no listener behind. */
async function waitForDrain(stream: Writable): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  const events = ['drain', 'close', 'error'].map((name) => once(stream, name, { signal }));
  await Promise.race(events).catch(() => {});
  for (const event of events) event.catch(() => {});
  settled.abort();
}
