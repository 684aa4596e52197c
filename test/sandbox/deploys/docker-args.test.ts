import { describe, expect, test } from 'vitest';
import { findDockerProblem } from '../../../sandbox/deploys/docker-args.ts';
import { aDokkuHost } from '../../support/dokku-host.ts';

const run = { phase: 'deploy', type: 'web' } as const;

describe('Docker would refuse to create a container', () => {
  test.each([
    ['docker-options:add shop deploy --nosuch-flag', 'unknown flag: --nosuch-flag'],
    ["docker-options:add shop deploy '--label a=b c'", "Unable to find image 'c:latest' locally"],
    ['resource:limit --memory 1m shop', 'Error response from daemon: Minimum memory limit allowed is 6MB'],
    [
      'resource:limit --memory lots shop',
      'invalid argument "lotsm" for "-m, --memory" flag: invalid size: \'lotsm\'',
    ],
    ['network:set shop initial-network nosuch', 'Error response from daemon: network nosuch not found'],
  ])('after %s', async (line, problem) => {
    await using host = await aDokkuHost([]);
    await host.run('apps:create shop');
    await host.run(line);
    const app = host.machine.state.apps.get('shop');
    const found = app && findDockerProblem(host.machine.state, app, run);
    expect(found?.split('\n')[0]).toBe(problem);
  });

  test('with two mounts at one path', async () => {
    await using host = await aDokkuHost([]);
    for (const line of [
      'apps:create shop',
      'storage:create data',
      'storage:mount shop data --container-dir /data',
      'storage:mount shop other:/data',
    ])
      await host.run(line);
    const app = host.machine.state.apps.get('shop');
    expect(app && findDockerProblem(host.machine.state, app, run)).toBe(
      'Error response from daemon: Duplicate mount point: /data\n',
    );
  });
});

test('Docker creates a container with valid options, limits and networks', async () => {
  await using host = await aDokkuHost([]);
  for (const line of [
    'apps:create shop',
    'network:create backend',
    'network:set shop initial-network backend',
    'resource:limit --memory 64 shop',
    "docker-options:add shop deploy '--label a=b'",
    'docker-options:add shop deploy --init',
    'storage:mount shop /srv/data:/data:ro',
  ])
    await host.run(line);
  const app = host.machine.state.apps.get('shop');
  expect(app && findDockerProblem(host.machine.state, app, run)).toBeUndefined();
});
