import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shopRules } from '../support/gate.ts';
import { aGateJob, type GateJob } from '../support/gate-job.ts';
import { aGateRelay, type GateRelay } from '../support/gate-relay.ts';
import { aGateClient, waitFor } from '../support/running-gate.ts';

let job: GateJob;
let relay: GateRelay;

beforeAll(async () => {
  job = await aGateJob(shopRules, { services: [] });
  relay = await aGateRelay(job.gate.port);
  job.repository.commit({ 'index.html': 'hello', '.dokku-deploy.yml': 'probe: false\n' });
});
afterAll(async () => {
  await relay[Symbol.asyncDispose]();
  await job[Symbol.asyncDispose]();
});

const start = () =>
  job.run('review start', {}, { DOKKU_GATE: `ssh://127.0.0.1:${relay.port}#${job.gate.fingerprint}` });
const app = () => job.gate.sandbox.state.apps.get('my-branch');

describe('a job whose gate is killed in the middle of the push', () => {
  test('finds its way through the next one', async () => {
    const { faults } = job.gate.sandbox;
    faults.inject(/^git-receive-pack/, { kind: 'stall-during' });
    const running = start();
    await waitFor(() => faults.pending().length === 0);
    relay.cut();
    const { port, stopped } = await job.gate.replace();
    relay.use(port);
    expect(await stopped).toBe(0);
    const { exit, stderr } = await running;
    expect([exit, exit === 0 ? '' : stderr]).toEqual([0, '']);
    expect(app()).toBeDefined();
    expect((await job.run('review stop')).exit).toBe(0);
    expect(app()).toBeUndefined();
  });
});

describe('jobs while the host is away', () => {
  test('are answered at once with the reason, however many there are, and end with exit code 3', async () => {
    await job.gate.sandbox[Symbol.asyncDispose]();
    const running = start();
    const clients = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        aGateClient(job.gate, await job.gate.gitlab.sign({ jti: `${index}` })),
      ),
    );
    const answers = await Promise.all(
      clients.flatMap(({ exec }) => Array.from({ length: 4 }, () => exec('apps:exists my-branch'))),
    );
    for (const client of clients) client[Symbol.dispose]();
    expect(answers).toHaveLength(40);
    for (const { exit, stderr } of answers) {
      expect(exit).toBeUndefined();
      expect(stderr).toMatch(/^dokku-deploy gate: .*could not/);
    }
    const { exit, stderr } = await running;
    expect([exit, stderr]).toEqual([3, expect.stringContaining('The gate reports: ')]);
  });
});
