import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/ssh/host.ts';
import { type Limits, limits } from '../../src/ssh/limits.ts';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess } from '../support/access.ts';
import { anSshServer, reply } from '../support/ssh-server.ts';

type Run = (channel: ServerChannel, command: string, connection: Connection) => void;

/** A server that runs each command like this, and a host for it with smaller limits. */
const aHost = async (
  run: Run,
  smaller: Partial<Limits> = {},
): Promise<AsyncDisposable & { host: Host; connections: () => number }> => {
  const server = await anSshServer(run);
  const host = createSshHost({
    access: await anAccess({ port: server.port }),
    warn: () => {},
    limits: { ...limits, ...smaller },
  });
  return {
    host,
    connections: () => server.connections.length,
    [Symbol.asyncDispose]: async () => {
      await host.close();
      await server[Symbol.asyncDispose]();
    },
  };
};

/** Writes the same chunk for as long as the client reads it. */
const flood = (channel: ServerChannel, name: 'stdout' | 'stderr', chunk: Buffer): void => {
  const stream = name === 'stdout' ? channel : channel.stderr;
  const write = (): void => {
    while (!channel.destroyed && stream.write(chunk));
    stream.once('drain', write);
  };
  write();
};

const megabytes = (count: number): number => count * 1024 ** 2;

describe('an answer', () => {
  test.each([
    ['stdout', 'lines', 'a line\n'.repeat(4_000)],
    ['stdout', 'one line', 'x'.repeat(32_000)],
    ['stderr', 'lines', 'a line\n'.repeat(4_000)],
    ['stderr', 'one line', 'x'.repeat(32_000)],
  ] as const)('without end on %s (%s) ends the connection with answer-too-large', async (stream, _, text) => {
    await using hostile = await aHost((channel) => flood(channel, stream, Buffer.from(text)));
    const memory = process.memoryUsage().rss;
    await expect(hostile.host.ask({ line: '--quiet config:export secret' })).rejects.toMatchObject({
      code: 'answer-too-large',
      exitCode: 4,
      message: 'The host sent more than 8 MB in answer to config:export.',
    });
    expect(process.memoryUsage().rss - memory).toBeLessThan(megabytes(150));
  });

  test('within the limit is complete, whatever the length of its lines', async () => {
    const text = `${'x'.repeat(megabytes(3))}\n${'y'.repeat(megabytes(3))}`;
    await using hostile = await aHost((channel) => reply(channel, 0, text));
    const lines: string[] = [];
    const answer = await hostile.host.ask({ line: 'logs', onLine: (line) => lines.push(line) });
    expect(answer).toEqual({ kind: 'answered', stdout: `${text}\n`, stderr: '' });
    const dropped = megabytes(3) - limits.lineLength;
    expect(lines.map((line) => line.slice(limits.lineLength))).toEqual(
      [dropped, dropped].map((count) => ` … (${count} more characters)`),
    );
  });

  test('that is streamed has no limit, and is not kept', async () => {
    const line = `${'x'.repeat(999)}\n`;
    await using hostile = await aHost((channel) => reply(channel, 0, line.repeat(20_000)));
    let count = 0;
    const answer = await hostile.host.ask({
      line: 'ps:rebuild x',
      streamed: true,
      onLine: () => (count += 1),
    });
    expect([answer, count]).toEqual([{ kind: 'answered', stdout: '', stderr: '' }, 20_000]);
  });

  test.each<[string, Run]>([
    ['never comes', () => {}],
    ['drips', (channel) => void setInterval(() => channel.write('.'), 20).unref()],
    ['comes without its end', (channel) => void channel.write('done\n')],
  ])('that %s ends with host-timeout', async (_, run) => {
    await using hostile = await aHost(run, { questionTime: 200 });
    await expect(hostile.host.ask({ line: 'apps:exists x' })).rejects.toMatchObject({
      code: 'host-timeout',
      exitCode: 3,
      message: 'The host did not finish apps:exists within 0.2 s.',
    });
  });

  test('of a command with its own time limit may take longer', async () => {
    await using slow = await aHost((channel) => void setTimeout(() => reply(channel, 0, 'done'), 400), {
      questionTime: 200,
    });
    expect((await slow.host.ask({ line: 'apps:create x', timeLimit: 10_000 })).kind).toBe('answered');
  });

  test('that stops in the middle ends with host-timeout after the time of silence', async () => {
    await using hostile = await aHost((channel) => void channel.write('half'), { silenceTime: 200 });
    await expect(hostile.host.ask({ line: 'mysql:create x', timeLimit: 10_000 })).rejects.toMatchObject({
      code: 'host-timeout',
      message: 'The host sent nothing for 0.2 s during mysql:create.',
    });
  });

  test('that exceeds a limit does not keep the next request from a new connection', async () => {
    await using hostile = await aHost(
      (channel, command) => void (command === 'hang' || reply(channel, 0, command)),
      { questionTime: 200 },
    );
    await expect(hostile.host.ask({ line: 'hang' })).rejects.toMatchObject({ code: 'host-timeout' });
    expect(await hostile.host.ask({ line: 'version' })).toMatchObject({ stdout: 'version\n' });
    expect(hostile.connections()).toBe(2);
  });
});

describe('a push', () => {
  test.each<[string, Run, Partial<Limits>, number]>([
    ['without a first byte', () => {}, { questionTime: 200 }, 0],
    ['that stops in the middle', (channel) => void channel.write('half'), { silenceTime: 200 }, 4],
  ])('%s ends with host-timeout', async (_, run, smaller, bytes) => {
    await using hostile = await aHost(run, smaller);
    const { output } = await hostile.host.open("git-receive-pack 'x'");
    let received = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of output) received += chunk.length;
    };
    await expect(read()).rejects.toMatchObject({
      code: 'host-timeout',
      message: 'The host sent nothing for 0.2 s during git-receive-pack.',
    });
    expect(received).toBe(bytes);
  });
});

test('a host that never opens a channel ends with host-timeout', async () => {
  await using server = await anSshServer(() => {}, { opensChannels: false });
  const access = await anAccess({ port: server.port });
  await using host = createSshHost({ access, warn: () => {}, limits: { ...limits, channelTime: 200 } });
  await expect(host.ask({ line: 'version' })).rejects.toMatchObject({
    code: 'host-timeout',
    message: 'The host did not open a channel for version within 0.2 s.',
  });
});

test('a flood leaves time for timers and signals', async () => {
  await using hostile = await aHost((channel) =>
    flood(channel, 'stderr', Buffer.from('a line\n'.repeat(4_000))),
  );
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  await hostile.host
    .ask({ line: 'ps:rebuild x', streamed: true, onLine: () => {}, timeLimit: 2_000 })
    .catch(() => {});
  clearInterval(timer);
  expect(longest).toBeLessThan(1_000);
});

test('a connection that was closed is gone soon, even if the host continues to send', async () => {
  const server = await anSshServer((channel) => flood(channel, 'stdout', Buffer.alloc(32_000, 'x')));
  const host = createSshHost({ access: await anAccess({ port: server.port }), warn: () => {} });
  const channel = await host.open('logs');
  const read = (async () => {
    for await (const _ of channel.output);
  })().catch(() => {});
  await sleep(50);
  await host.close();
  await read;
  expect(await channel.exitCode).toBeUndefined();
  await server[Symbol.asyncDispose]();
});
