import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { CommandResult } from '../dokku/command.ts';
import type { DeployError } from '../errors.ts';
import type { LogReady } from './connection.ts';
import type { HostRequest } from './host.ts';
import { notFinishedError, silentError, tooLargeError } from './limit-errors.ts';
import type { Limits } from './limits.ts';
import { splitLines } from './lines.ts';

/**
 * Sends the standard input of a request and reads the answer until the channel is closed. If it closes without an exit
 * code, the result is `not-reached`.
 *
 * Throws `answer-too-large` and `host-timeout`. The channel is then still open.
 */
export function readAnswer(
  channel: ClientChannel,
  request: HostRequest,
  { limits, logReady }: { readonly limits: Limits; readonly logReady: LogReady },
): Promise<CommandResult> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const stdout = collectOutput(request);
  const stderr = collectOutput(request);
  const clock = startClock(request, limits, reject);
  let bytes = 0;
  const receive = (stream: Readable, output: OutputCollector) => (chunk: Buffer) => {
    bytes += chunk.length;
    clock.refresh();
    if (request.streamed || bytes <= limits.answerBytes) output.push(chunk);
    else reject(tooLargeError(request.line, limits.answerBytes));
    const ready = request.onLine && logReady();
    if (!ready) return;
    stream.pause();
    void ready.then(() => {
      clock.refresh();
      stream.resume();
    });
  };
  channel.on('data', receive(channel, stdout));
  channel.stderr.on('data', receive(channel.stderr, stderr));
  let exit: number | undefined;
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = code ?? 255;
    if (code === null) stderr.push(Buffer.from(`the command was killed by ${signal}\n`));
  });
  channel.on('error', () => {});
  channel.once('close', () => {
    const text = { stdout: stdout.end(), stderr: stderr.end() };
    if (exit === undefined) resolve({ kind: 'not-reached', reason: describeLoss(text.stderr), sent: true });
    else if (exit === 0) resolve({ kind: 'answered', ...text });
    else resolve({ kind: 'refused', exit, ...text });
  });
  const { stdin = '' } = request;
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) channel.end(stdin);
  else sendInput(channel, stdin, clock.restart).catch(reject);
  return promise.finally(clock.stop);
}

/** A gate writes why it could not pass the command on, and ends it without an exit code. */
function describeLoss(stderr: string): string {
  const [, reason] = /(?:^|\n)dokku-deploy gate: ([^\n]{1,300})\n$/.exec(stderr) ?? [];
  return reason === undefined ? 'The connection was lost.' : `The gate reports: ${reason}`;
}

/** Throws what the input throws. Ends early if the host does. */
async function sendInput(
  channel: ClientChannel,
  input: AsyncIterable<Uint8Array>,
  onSent: () => void,
): Promise<void> {
  const closed = once(channel, 'close');
  for await (const chunk of input) {
    if (!channel.writable) return;
    if (!channel.write(chunk)) await Promise.race([once(channel, 'drain'), closed]);
    onSent();
  }
  channel.end();
}

/** The output of a command on one stream. */
interface OutputCollector {
  readonly push: (chunk: Buffer) => void;
  /** Returns what was collected, with a newline at its end and without carriage returns before newlines. */
  readonly end: () => string;
}

function collectOutput({ onLine, streamed }: HostRequest): OutputCollector {
  const chunks: Buffer[] = [];
  const lines = onLine && splitLines(onLine);
  return {
    push: (chunk) => {
      if (!streamed) chunks.push(chunk);
      lines?.push(chunk);
    },
    end: () => {
      lines?.end();
      const text = Buffer.concat(chunks).toString().replaceAll('\r\n', '\n');
      return text === '' || text.endsWith('\n') ? text : `${text}\n`;
    },
  };
}

/** The time limits of an answer. `refresh` is called whenever something arrives. */
interface AnswerClock {
  readonly refresh: () => void;
  /** Called whenever something is sent. */
  readonly restart: () => void;
  readonly stop: () => void;
}

function startClock(request: HostRequest, limits: Limits, reject: (error: DeployError) => void): AnswerClock {
  const total = request.timeLimit ?? limits.questionTime;
  const end = setTimeout(() => reject(notFinishedError(request.line, total)), total);
  const silence = setTimeout(() => reject(silentError(request.line, limits.silenceTime)), limits.silenceTime);
  return {
    refresh: () => void silence.refresh(),
    restart: () => {
      silence.refresh();
      end.refresh();
    },
    stop: () => {
      clearTimeout(end);
      clearTimeout(silence);
    },
  };
}
