import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Behaviour,
  band,
  longBuild,
  receivePack,
  startHostileHost,
} from '../reliability/hostile-host.ts';
import { startProgram } from '../support/child.ts';
import { watchMemory } from '../support/peak-memory.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';

const binary = new URL('../../dist/dokku-deploy', import.meta.url).pathname;
const megabyte = 1024 ** 2;

let repository: TestRepository;
let commit: string;

beforeAll(() => {
  if (!existsSync(binary)) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'ignore' });
  repository = aRepository('fix');
  commit = repository.commit({ 'index.html': 'hello' });
});

afterAll(() => repository[Symbol.dispose]());

/** Starts `review start` against a host that answers a command like this. */
const start = async (command: string, behaviour: Behaviour) => {
  const host = await startHostileHost(new Map([[command, behaviour]]));
  const program = startProgram([binary, 'review', 'start', '--dotenv', 'none', '--facts', 'none'], {
    cwd: repository.folder,
    env: { ...host.env, CI_COMMIT_REF_NAME: 'fix', CI_COMMIT_SHA: commit, CI_PROJECT_PATH: 'group/shop' },
  });
  return { ...program, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
};

test('a build log of 100 MB takes less than 200 MB of memory', async () => {
  await using run = await start('git-receive-pack', receivePack(longBuild(100 * megabyte)));
  const peakMemory = watchMemory(run.child);
  const { exit } = await run.result;
  const peak = peakMemory();
  expect([exit, peak > 50 * megabyte, peak < 200 * megabyte], `${peak / megabyte} MB`).toEqual([
    0,
    true,
    true,
  ]);
});

/** Prints the same without end. It leaves time for this process, which also reads the log. */
const print =
  (chunk: Buffer, stream: 'stdout' | 'stderr' = 'stdout'): Behaviour =>
  (channel) => {
    const target = stream === 'stdout' ? channel : channel.stderr;
    const write = (): void => {
      if (channel.destroyed) return;
      if (target.write(chunk)) setTimeout(write, 2);
      else target.once('drain', write);
    };
    write();
  };

describe('the stop signal', () => {
  const lines = Buffer.from('a line\n'.repeat(4_000));
  const drip: Behaviour = (channel) => void setInterval(() => channel.write('.'), 100).unref();
  const packets = band(2, lines.subarray(0, 60_000));

  test.each<[string, string, Behaviour]>([
    ['a question is not answered', 'config:export', () => {}],
    ['a question is answered byte by byte', 'config:export', drip],
    ['a build prints without end', 'git-receive-pack', receivePack(print(packets))],
    [
      'a build prints one line without end',
      'git-receive-pack',
      receivePack(print(band(2, 'x'.repeat(60_000)))),
    ],
    ['a build prints errors without end', 'git-receive-pack', receivePack(print(lines, 'stderr'))],
    ['a push is not answered', 'git-receive-pack', () => {}],
  ])('SIGTERM ends a run within six seconds while %s', async (_, command, behaviour) => {
    await using run = await start(command, behaviour);
    await sleep(2_500);
    const stoppedAt = performance.now();
    run.child.kill('SIGTERM');
    const { exit } = await run.result;
    const took = performance.now() - stoppedAt;
    expect([exit, took < 6_000], `${took} ms`).toEqual([143, true]);
  });
});
