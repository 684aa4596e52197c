import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fault, listFaults } from '../../sandbox/faults.ts';
import type { Stage } from '../../sandbox/host/stages.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { connectTo, runOver } from '../support/ssh.ts';

let sandbox: Sandbox;
let client: Client;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mongo'] });
  client = await connectTo(sandbox);
});

afterAll(() => sandbox[Symbol.asyncDispose]());

beforeEach(() => {
  sandbox.state.apps.clear();
  sandbox.state.services.clear();
});

const run = (line: string, input = '') => runOver(client, line, input);

/** Creates an app over a connection of its own. Returns undefined if there is no answer a moment after the fault struck. */
const strikeBriefly = async (fault: Fault) => {
  client = await connectTo(sandbox);
  const commands = sandbox.journal.commands.length;
  const answer = strike('apps:create shop', fault);
  while (sandbox.faults.pending().length > 0) await sleep(10);
  const isDone = () => sandbox.journal.commands[commands]?.endedAt !== undefined;
  for (let waited = 0; waited < 200 && !isDone(); waited += 10) await sleep(10);
  return Promise.race([answer, sleep(300)]);
};

/** Runs a command that a fault strikes. */
const strike = (line: string, fault: Fault) => {
  sandbox.faults.inject(/./, fault);
  return run(line);
};

const failAt = (stage: Stage): Fault => ({ kind: 'fail-at', stage });

describe('apps:destroy that fails at', () => {
  beforeEach(async () => {
    await run('apps:create shop');
    await run('mongo:create shop-db');
    await run('mongo:link shop-db shop --no-restart');
    await run('config:set --no-restart shop KEEP=1');
    await run('ports:set shop http:80:5000');
  });

  /** What is left of the app after a destroy that failed at a stage. */
  const leftAfter = async (stage: Stage) => {
    const { exit } = await strike('apps:destroy shop --force', failAt(stage));
    const app = sandbox.state.apps.get('shop');
    const linked = sandbox.state.services.get('mongo')?.get('shop-db')?.links.has('shop');
    return [exit, linked, app?.envFile.includes('KEEP=1'), app?.ports.length];
  };

  test.each<[Stage, unknown[]]>([
    ['unlink', [1, true, true, 1]],
    ['stop', [1, false, true, 1]],
    ['settings', [1, false, true, 1]],
    ['config', [1, false, true, 1]],
    ['data', [1, false, false, 1]],
    ['cleanup', [1, false, false, 0]],
    ['remove-folder', [1, false, false, 0]],
  ])(
    '%s leaves what comes after it: exit code, link, configuration and ports are %j',
    async (stage, left) => {
      expect(await leftAfter(stage)).toEqual(left);
    },
  );

  test.each<Stage>(['unlink', 'config', 'data', 'remove-folder'])(
    '%s can be repeated and removes the rest',
    async (stage) => {
      await leftAfter(stage);
      expect(await run('apps:exists shop')).toMatchObject({ exit: 0 });
      expect(await run('apps:destroy shop --force')).toMatchObject({ exit: 0 });
      expect(await run('apps:exists shop')).toMatchObject({ exit: 20 });
    },
  );
});

describe('a service command that fails', () => {
  const service = () => sandbox.state.services.get('mongo')?.get('db');

  test.each<[Stage, string | undefined]>([
    ['service-folder', undefined],
    ['container', 'missing'],
    ['start', 'created'],
    ['ready', 'running'],
  ])('in create at %s leaves a service with the status %s', async (stage, status) => {
    expect(await strike('mongo:create db', failAt(stage))).toMatchObject({ exit: 1 });
    expect(service()?.status).toBe(status);
  });

  test.each<[Stage, string]>([
    ['stop-container', 'running'],
    ['remove-container', 'exited'],
    ['remove-data', 'missing'],
  ])('in destroy at %s leaves a service with the status %s', async (stage, status) => {
    await run('mongo:create db');
    expect(await strike('mongo:destroy db --force', failAt(stage))).toMatchObject({ exit: 1 });
    expect(service()?.status).toBe(status);
  });

  test('between the link and the configuration leaves a link without a URL', async () => {
    await run('mongo:create db');
    await run('apps:create shop');
    await strike('mongo:link db shop --no-restart', failAt('link-config'));
    expect(service()?.links.has('shop')).toBe(true);
    expect(await run('config:get shop MONGO_URL')).toMatchObject({ exit: 1 });
  });
});

describe('a full disk', () => {
  const full: Fault = { kind: 'disk-full' };

  test.each(['apps:create shop', 'mongo:create db'])('fails %s and leaves nothing', async (line) => {
    const { exit, stderr } = await strike(line, full);
    expect([exit, stderr]).toEqual([1, ' !     write: no space left on device\n']);
    expect([sandbox.state.apps.size, sandbox.state.services.get('mongo')?.size ?? 0]).toEqual([0, 0]);
  });

  test('loses the configuration that was being written, as Dokku does', async () => {
    await run('apps:create shop');
    await run('config:set --no-restart shop OLD=1');
    await strike('config:set --no-restart shop NEW=1', full);
    expect(sandbox.state.apps.get('shop')?.envFile).toBe('');
  });

  test('does not stop commands that only read or remove', async () => {
    await run('apps:create shop');
    expect(await strike('apps:report shop', full)).toMatchObject({ exit: 0 });
    expect(await strike('apps:destroy shop --force', full)).toMatchObject({ exit: 0 });
  });
});

describe('an answer', () => {
  /** Whether a command was answered within a moment, and whether it was carried out. */
  const outcome = async (fault: Fault) => {
    const answered = await strikeBriefly(fault);
    return [answered?.exit, sandbox.state.apps.has('shop')];
  };

  test.each<[Fault['kind'], Fault, unknown[]]>([
    ['fail-after', { kind: 'fail-after' }, [1, true]],
    ['drop-before', { kind: 'drop-before' }, [255, false]],
    ['drop-during', { kind: 'drop-during' }, [255, true]],
    ['drop-after', { kind: 'drop-after' }, [255, true]],
    ['stall', { kind: 'stall' }, [undefined, false]],
    ['stall-during', { kind: 'stall-during' }, [undefined, true]],
    ['stall-after', { kind: 'stall-after' }, [undefined, true]],
  ])('that is struck by %s has the exit code and the app %j', async (_, fault, expected) => {
    expect(await outcome(fault)).toEqual(expected);
  });
});

test('every fault that is listed for a command strikes it', async () => {
  for (const { name, fault } of listFaults('apps:create shop')) {
    sandbox.state.apps.clear();
    const answered = await strikeBriefly(fault);
    expect([name, answered?.exit === 0]).toEqual([name, false]);
  }
});
