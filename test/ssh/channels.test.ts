import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { createSshHost } from '../../src/ssh/ssh-host.ts';
import { anAccess, anRsaKey } from '../support/access.ts';

/** A server that opens at most `limit` channels at once and answers each command after 20 ms. */
const aServerWithChannelLimit = async (limit: number) => {
  let open = 0;
  let refused = 0;
  const server = new ssh2.Server({ hostKeys: [anRsaKey()] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => context.accept());
    client.on('session', (accept, reject) => {
      if (open >= limit) {
        refused += 1;
        return reject();
      }
      open += 1;
      accept().on('exec', (acceptExec, _, { command }) => {
        const channel = acceptExec();
        channel.resume();
        channel.once('close', () => {
          open -= 1;
        });
        setTimeout(() => {
          channel.write(`ran ${command}\n`);
          channel.exit(0);
          channel.end();
        }, 20);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, refused: () => refused };
};

test('on a host that opens fewer channels than usual, commands wait for a free channel and run once each', async () => {
  const { server, port, refused } = await aServerWithChannelLimit(2);
  const host = createSshHost({ access: await anAccess({ port }), warn: () => {} });
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((line) => host.ask({ line })));
  expect(answers.map((answer) => answer.kind === 'answered' && answer.stdout)).toEqual([
    'ran a\n',
    'ran b\n',
    'ran c\n',
    'ran d\n',
    'ran e\n',
  ]);
  expect(refused()).toBeGreaterThan(0);
  expect(host.usage()).toEqual({ connections: 1, commands: 5 });
  await host.close();
  server.close();
});
