import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CheckOptions, runChecks } from '../../../sandbox/deploys/checks.ts';
import { startContainer } from '../../../sandbox/deploys/container.ts';
import type { Healthcheck } from '../../../sandbox/host/app-json.ts';
import type { Container } from '../../../sandbox/host/state.ts';

let folder: string;
let containers: Container[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checks-'));
  containers = [];
});

afterEach(async () => {
  await Promise.all(containers.map((container) => container.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const start = async (command: string, type = 'web'): Promise<Container> => {
  const env = { PATH: '/usr/bin:/bin' };
  const options = {
    command,
    type,
    index: 1,
    folder,
    env,
    sourceImage: '',
    networks: [],
    restartPolicy: 'on-failure:10',
  };
  const container = await startContainer(options);
  containers.push(container);
  return container;
};

/** Runs the checks of a process type on a command, in shortened time. */
const check = async (
  command: string,
  {
    checks,
    type = 'web',
    ...more
  }: { checks?: readonly Healthcheck[]; type?: string } & Partial<CheckOptions>,
) => {
  const lines: string[] = [];
  const passed = await runChecks({
    container: await start(command, type),
    manifest: checks ? { healthchecks: { [type]: checks } } : {},
    out: (line) => void lines.push(line),
    signal: new AbortController().signal,
    startTimeout: 1_000,
    second: 50,
    ...more,
  });
  return { passed, output: lines.join('\n') };
};

const serve = (status: number) =>
  `${process.execPath} -e "require('http').createServer((q, r) => { r.statusCode = ${status}; r.end('page') }).listen(process.env.PORT)"`;

// Facts F83 to F86 of the recordings.
describe('a process that', () => {
  test.each<[string, string, readonly Healthcheck[] | undefined, boolean]>([
    ['never listens passes the default checks', 'sleep 60', undefined, true],
    ['never listens passes a listening check', 'sleep 60', [{ listening: true }], true],
    ['never listens fails a path check', 'sleep 60', [{ path: '/', attempts: 1 }], false],
    ['ends at once fails the default checks', 'exit 1', undefined, false],
    ['ends within the uptime fails the check', 'sleep 0.7; exit 1', [{ uptime: 30 }], false],
    ['ends after the uptime passes the check', 'sleep 9; exit 1', [{ uptime: 10 }], true],
    ['ends with 0 fails an uptime check, too', 'exit 0', [{ uptime: 4 }], false],
    ['answers passes a path check', serve(200), [{ path: '/' }], true],
    ['answers with an error fails a path check', serve(500), [{ path: '/', attempts: 2 }], false],
    [
      'answers with an error passes a path check that only warns',
      serve(500),
      [{ path: '/', attempts: 1, warn: true }],
      true,
    ],
  ])('%s', async (_, command, checks, passes) => {
    expect((await check(command, checks ? { checks } : {})).passed).toBe(passes);
  });

  test('ends after its checks is started again and again, and counts as running', async () => {
    const container = await start('exit 1');
    while (container.restarts() < 2) await sleep(20);
    expect(container.hasEnded()).toBe(false);
  });

  test('ends with 0 is not started again', async () => {
    const container = await start('exit 0');
    while (!container.hasEnded()) await sleep(20);
    expect([container.restarts(), container.status()]).toEqual([0, 'exited']);
  });
});

describe('the output of the checks', () => {
  test('lists the default checks of a web process', async () => {
    const { output } = await check('sleep 60', { second: 10 });
    expect(output.split('\n').sort()).toEqual([
      "       Healthcheck succeeded name='default'",
      "       Healthcheck succeeded name='port listening check'",
      "       Running healthcheck name='default' type='uptime' uptime=10",
      "       Running healthcheck name='port listening check' attempts=3 port=5000 retries=2 timeout=5 type='listening' wait=5",
      '-----> Executing 2 healthchecks',
    ]);
  });

  test('shows how often a container was restarted', async () => {
    const { output } = await check('exit 1', {});
    expect(output).toContain("Failure in name='default': container has restarted 7 times");
    expect(output).toContain('=====> Start healthcheck output\n       state=restarting\n');
  });

  test('shows the page of a failed path check', async () => {
    const { output } = await check(serve(404), { checks: [{ name: 'up', path: '/x', attempts: 1 }] });
    expect(output).toContain("Failure in name='up': unexpected status code: 404");
    expect(output).toContain('       page\n');
  });

  test('has no listening check for another process type', async () => {
    const { output } = await check('sleep 60', { type: 'worker', second: 10 });
    expect(output).toContain('-----> Executing 1 healthchecks');
  });
});

test('the checks wait as long as Dokku does if they are not shortened', async () => {
  const since = Date.now();
  await check(serve(200), { checks: [{ uptime: 1 }], startTimeout: 0, second: 1_000 });
  expect(Date.now() - since).toBeGreaterThan(950);
});
