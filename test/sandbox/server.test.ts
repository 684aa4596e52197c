import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { createFaults } from '../../sandbox/faults.ts';
import type { Handler } from '../../sandbox/host/handler.ts';
import { startServer } from '../../sandbox/server.ts';
import { generateKeyPair } from '../../src/access/generate-key.ts';
import { aDokkuHost } from '../support/dokku-host.ts';
import { connectTo, runOver } from '../support/ssh.ts';

test('a command that throws ends its own channel with an error, and not the other commands of the connection', async () => {
  await using host = await aDokkuHost([]);
  const keys = generateKeyPair();
  const key = ssh2.utils.parseKey(keys.public);
  if (key instanceof Error) throw key;
  const slow: Handler = async (call) => {
    await sleep(50);
    call.out('slow\n');
    return 0;
  };
  const boom: Handler = () => {
    throw new Error('boom');
  };
  const journal = { connections: 0, commands: [] };
  const server = await startServer(
    {
      machine: host.machine,
      table: new Map([
        ['slow', slow],
        ['boom', boom],
      ]),
      journal,
      faults: createFaults(),
      hostKeys: [keys.private],
      authorized: [key],
      latency: 0,
      pace: () => 0,
    },
    0,
  );
  const client = await connectTo({ port: server.port, privateKey: keys.private });
  const answers = await Promise.all([runOver(client, 'slow'), runOver(client, 'boom')]);
  expect(answers).toEqual([
    { exit: 0, stdout: 'slow\n', stderr: '' },
    { exit: 1, stdout: '', stderr: ' !     The sandbox failed: boom\n' },
  ]);
  expect(journal.commands).toMatchObject([{ exit: 0 }, { exit: 1 }]);
  client.end();
  await server.close();
});
