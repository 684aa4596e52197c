import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packTar } from '../../conformance/archives.ts';
import { aDokkuHost, type DokkuHost } from '../../support/dokku-host.ts';

let host: DokkuHost;

beforeAll(async () => {
  host = await aDokkuHost([]);
  await host.run('apps:create shop');
  await host.run('ps:scale shop worker=1');
  const up = [{ type: 'startup', name: 'up', uptime: 1 }];
  const archive = await packTar({
    Dockerfile: 'FROM scratch\n',
    Procfile: 'web: echo serving; exec sleep 60\nworker: echo working; exec sleep 60\ntask: echo task ran\n',
    'app.json': JSON.stringify({ healthchecks: { web: up, worker: up } }),
  });
  const { exit, out } = await host.run('git:from-archive shop --', archive);
  expect(out).toContain('Application deployed');
  expect(exit).toBe(0);
});

afterAll(() => host[Symbol.asyncDispose]());

describe('run', () => {
  test('runs the command of a process type, with the name of its container in DYNO', async () => {
    expect((await host.run('run shop task more')).out).toBe(
      "-----> Found 'task' in Procfile, running that command\ntask ran more\n",
    );
    expect((await host.run("run --env X=1 shop sh -c 'echo $DYNO $X'")).out).toMatch(/^run\.\d+ 1\n$/);
  });

  test('passes a variable with a space to Docker unquoted, which takes the rest for the image', async () => {
    const { exit, err } = await host.run('run --env "X=a b" shop env');
    expect([exit, err.split('\n')[0]]).toEqual([1, "Unable to find image 'b:latest' locally"]);
  });
});

test('a detached container is listed until it is stopped', async () => {
  const name = (await host.run('run:detached shop sleep 60')).out.trim();
  expect(name).toMatch(/^shop\.run\.\d+$/);
  expect(JSON.parse((await host.run('run:list shop --format json')).out)).toMatchObject([
    { name, state: 'running', command: '"sleep 60"' },
  ]);
  expect((await host.run(`run:stop --container ${name}`)).out).toBe(`${name}\n`);
  expect((await host.run(`run:stop --container ${name}`)).err).toBe(
    ' !     Specified container does not exist\n',
  );
  expect((await host.run('run:list shop --format json')).out).toBe('[]\n');
});

describe('enter', () => {
  test('finds a process by its type or its name, and asks for one if there are several', async () => {
    expect((await host.run("enter shop worker.1 sh -c 'echo $DYNO'")).out).toBe('worker.1\n');
    expect((await host.run('enter shop')).err).toBe(
      ' !     No container type specified.\n !     Available types for app (shop): web worker\n',
    );
    expect((await host.run('enter shop web.9 true')).err).toContain("No containers found for type 'web.9'");
  });

  test('has the environment with which the process was started', async () => {
    await host.run('config:set --no-restart shop LATER=1');
    expect((await host.run("enter shop web sh -c 'echo [$LATER]'")).out).toBe('[]\n');
  });
});

describe('logs', () => {
  test('print each process in a colour of its own, or one process', async () => {
    const { out } = await host.run('logs shop');
    expect(out).toMatch(/^\u001b\[36m\S+ app\[web\.1\]:\u001b\[0m serving\n\u001b\[33m\S+ app\[worker\.1\]:/);
    expect((await host.run('logs shop --ps worker -q')).out).toBe('working\n');
    expect((await host.run('logs shop --ps nosuch')).out).toBe('');
  });

  test('that are followed end when a restart has replaced the processes', async () => {
    const followed = host.run('logs shop --tail --quiet');
    await sleep(100);
    await host.run('ps:restart shop');
    expect(await followed).toMatchObject({ exit: 0, out: 'serving\nworking\n' });
  });

  test('refuse a number that is none', async () => {
    expect((await host.run('logs shop --num many')).exit).toBe(2);
  });
});
