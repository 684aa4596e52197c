import { describe, expect, test } from 'vitest';
import { aGate, aGateClient } from '../support/running-gate.ts';

const rules = [1, 2, 3, 4, 5]
  .map((number) => `\n  - {path: group/p${number}, id: ${number}, review: {any_ref: true}}`)
  .join('');

describe('a gate', () => {
  test('carries 50 jobs at once over as few connections as the host’s MaxSessions asks for', async () => {
    await using gate = await aGate(rules, { services: [], latency: 20 });
    const clients = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const number = (index % 5) + 1;
        const claims = { project_id: String(number), project_path: `group/p${number}`, jti: `${index}` };
        return aGateClient(gate, await gate.gitlab.sign(claims));
      }),
    );
    const answers = await Promise.all(
      clients.flatMap(({ exec }) =>
        ['apps:exists my-branch', 'apps:report my-branch'].map((line) => exec(line)),
      ),
    );
    expect(answers.map(({ exit }) => exit)).toEqual(Array(100).fill(20));
    expect(gate.sandbox.journal.connections).toBeLessThanOrEqual(4);
    for (const client of clients) client[Symbol.dispose]();
  });

  test('passes large input and output on, and their ends', async () => {
    await using gate = await aGate(rules, { services: [] });
    using client = await aGateClient(
      gate,
      await gate.gitlab.sign({ project_id: '1', project_path: 'group/p1' }),
    );
    await client.exec('apps:create my-branch');
    const config = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`KEY_${index}`, 'v'.repeat(500)]),
    );
    const mark = new URLSearchParams({
      ...{ format: 'v2', id: '1', project: 'group/p1', ref: 'my-branch', app: 'my-branch', services: '' },
    }).toString();
    const input = JSON.stringify({ ...config, DOKKU_DEPLOY_REVIEW: mark });
    expect(
      await client.exec('--quiet config:import --format json --no-restart my-branch -', input),
    ).toMatchObject({ exit: 0 });
    const { exit, stdout } = await client.exec('config:export --format json my-branch');
    expect(exit).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object).length).toBeGreaterThan(300);
    const tooLarge = await client.exec(
      '--quiet config:import --format json --no-restart my-branch -',
      Buffer.alloc(1_200_000, 32),
    );
    expect(tooLarge).toMatchObject({ exit: 1, stderr: expect.stringContaining('bytes of input') });
    expect((await client.exec('apps:exists my-branch')).exit).toBe(0);
  });

  test('limits the review apps of a project, also those that are created at the same time', async () => {
    const limited = '\n  - {path: group/p1, id: 1, review: {any_ref: true, max: 2}}';
    await using gate = await aGate(limited, { services: [] });
    const create = async (ref: string) => {
      const claims = { project_id: '1', project_path: 'group/p1', ref, ref_path: `refs/heads/${ref}` };
      using client = await aGateClient(gate, await gate.gitlab.sign(claims));
      return await client.exec(`apps:create ${ref}`);
    };
    const results = await Promise.all(['one', 'two', 'three', 'four'].map(create));
    expect(results.filter(({ exit }) => exit === 0).length).toBeLessThanOrEqual(2);
    expect([...gate.sandbox.state.apps.keys()].length).toBeLessThanOrEqual(2);
    expect(results.map(({ stderr }) => stderr).join()).toContain('and the policy allows 2');
  });

  test('tries again if the host drops a connection, and lets the job try again if the command may have been sent', async () => {
    await using gate = await aGate(rules, { services: [] });
    using client = await aGateClient(
      gate,
      await gate.gitlab.sign({ project_id: '1', project_path: 'group/p1' }),
    );
    gate.sandbox.faults.inject(/^apps:locked/, { kind: 'drop-before' });
    const lost = await client.exec('apps:locked my-branch');
    expect(lost.exit).toBeUndefined();
    expect((await client.exec('apps:exists my-branch')).exit).toBe(20);
    gate.sandbox.faults.inject(/^apps:exists/, { kind: 'refuse' });
    expect((await client.exec('apps:exists my-branch')).exit).toBe(20);
  });

  test('lets running commands end after SIGTERM, and takes no new ones', async () => {
    await using gate = await aGate(rules, { services: [] });
    using client = await aGateClient(
      gate,
      await gate.gitlab.sign({ project_id: '1', project_path: 'group/p1' }),
    );
    const held = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    gate.sandbox.faults.inject(/^apps:report/, {
      kind: 'then',
      call: () => {
        reached.resolve();
        return held.promise;
      },
    });
    const running = client.exec('apps:report my-branch');
    await reached.promise;
    const stopped = gate.stop();
    await expect(client.exec('apps:exists my-branch')).rejects.toThrow();
    await expect(aGateClient(gate, await gate.gitlab.sign())).rejects.toThrow();
    held.resolve();
    expect((await running).exit).toBe(20);
    expect(await stopped).toBe(0);
    expect(gate.audit().at(-1)?.event).toBe('stopped');
  });
});
